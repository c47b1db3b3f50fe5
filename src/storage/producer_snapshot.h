// The file that keeps producer state between restarts, named by the log end offset that it
// describes:
//   file    = version:int16=1 crc:uint32 count:int32 entry* [earlier]
//             (crc: CRC-32C of all that follows it)
//   entry   = producer_id:int64 epoch:int16 last_sequence:int32 last_offset:int64
//             offset_delta:int32 timestamp:int64 coordinator_epoch:int32
//             transaction_first_offset:int64                 (-1 for what there is not)
//   earlier = mark:int32="BARN" count:int32 batch*
//   batch   = entry_index:int32 last_sequence:int32 last_offset:int64 offset_delta:int32
//             timestamp:int64                                (of one entry oldest first)
// An entry has the newest batch of its producer, as Kafka keeps it. What follows the entries is
// ours: the up to four batches before it, without which a producer that had several requests in
// flight could not resend them after a restart. Kafka reads its entries and leaves the rest.
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
