// Control records: what coordinators write between the records of users. The end of a transaction
// is a batch of one record (KIP-98):
//   key   = version:int16 type:int16            (0 abort, 1 commit; others belong to KRaft)
//   value = version:int16 coordinator_epoch:int32
// A later version of either may carry more bytes behind, which are ignored.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "record/record_reader.h"

namespace barnabas::record {

enum class control_type : std::int16_t { abort = 0, commit = 1, unknown = -1 };

struct transaction_marker {
  control_type type = control_type::abort;
  std::int32_t coordinator_epoch = 0;
};

// The type of a control batch's record; invalid_record when the key is too short or of a negative
// version.
result<control_type> control_type_of(const record_view& record);
// invalid_record when it is not an end of a transaction.
result<transaction_marker> parse_transaction_marker(const record_view& record);

// A control batch of one record at base offset 0 and without a leader epoch.
std::vector<std::byte> build_transaction_marker(transaction_marker marker, std::int64_t producer_id,
                                                std::int16_t producer_epoch,
                                                std::int64_t timestamp_ms);

}  // namespace barnabas::record
