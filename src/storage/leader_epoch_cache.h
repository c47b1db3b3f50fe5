// At which offset each leader epoch of a partition began (KIP-101, KIP-320): a few entries, on the
// log's shard. Epochs and offsets both grow from entry to entry. The log writes it to
// leader-epoch-checkpoint before the recovery point passes a new entry; what is above the recovery
// point is found again in the batches.
//   file  = "0\n" count "\n" entry*          entry = epoch " " start_offset "\n"
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace barnabas::storage {

struct leader_epoch_entry {
  std::int32_t epoch = 0;
  std::int64_t start_offset = 0;
  bool operator==(const leader_epoch_entry&) const = default;
};

// The answer to OffsetForLeaderEpoch: both -1 when the epoch is not known.
struct epoch_end_offset {
  std::int32_t epoch = -1;
  std::int64_t end_offset = -1;
  bool operator==(const epoch_end_offset&) const = default;
};

class leader_epoch_cache {
 public:
  // Error: KAFKA_STORAGE_ERROR, naming `path` and the line.
  static result<leader_epoch_cache> parse(std::string_view text, std::string_view path);
  std::string to_text() const;

  // The epoch begins at the offset, unless it or a newer one is known. Entries that begin at the
  // offset or above go. Returns whether something changed.
  bool assign(std::int32_t epoch, std::int64_t start_offset);
  // Removes what begins at `end_offset` or above.
  bool truncate_from_end(std::int64_t end_offset);
  // Forgets what ended at `start_offset` or below; the entry that holds `start_offset` begins
  // there.
  bool truncate_from_start(std::int64_t start_offset);
  bool clear();

  // The end of the largest epoch that is not above the asked one, as Kafka's OffsetForLeaderEpoch
  // has it; the newest epoch ends at `log_end_offset`. For an epoch below the first one known: that
  // epoch, ending where the first begins.
  epoch_end_offset end_offset_for(std::int32_t epoch, std::int64_t log_end_offset) const;
  std::optional<std::int32_t> epoch_of(std::int64_t offset) const;
  std::optional<std::int32_t> latest_epoch() const;
  const std::vector<leader_epoch_entry>& entries() const { return entries_; }

 private:
  std::vector<leader_epoch_entry> entries_;
};

}  // namespace barnabas::storage
