// The walks over a shard's logs that run in the background: deletion by retention, expired
// producers, files of logs at rest. Functions on the shard, without timers of their own; a walk in
// which nothing is due costs nanoseconds a log.
#pragma once

#include <cstdint>

#include "storage/deletion.h"
#include "storage/managed_log.h"

namespace barnabas::storage {

// Takes the old segments out of one log, up to its high watermark; their files go to `deletions`
// for file.delete.delay.ms. Returns how many segments were taken out; a failure is logged and tried
// again at the next walk.
std::int32_t delete_old_segments(managed_log& log, std::int64_t now_ms, deletion_queue& deletions);

}  // namespace barnabas::storage
