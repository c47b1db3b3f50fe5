// The file that keeps producer state between restarts, named by the log end offset that it
// describes:
//   file  = version:int16=1 crc:uint32 count:int32 entry*           (crc: CRC-32C of all that
//   follows it) entry = producer_id:int64 epoch:int16 last_sequence:int32 last_offset:int64
//   offset_delta:int32 timestamp:int64
//           coordinator_epoch:int32 transaction_first_offset:int64
// Of a producer's last five batches only the newest is kept; -1 stands for what there is not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/file_system.h"
#include "storage/producer_state.h"

namespace barnabas::storage {

std::vector<std::byte> encode_snapshot(const producer_state& state);
// Adds the snapshot's producers to `state`, but for those that expired. CORRUPT_MESSAGE when it is
// not whole.
result<> decode_snapshot(bytes_view bytes, std::int64_t now_ms, std::int64_t expiration_ms,
                         producer_state& state);

// The file has this content afterwards, not synced.
result<> write_snapshot_file(runtime::file_system& files, const std::string& path,
                             const producer_state& state);

}  // namespace barnabas::storage
