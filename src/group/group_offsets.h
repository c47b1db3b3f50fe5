// The committed offsets of one group, and those of transactions that have not ended. Small: 40
// bytes a partition, a map node a topic. Changed by replay only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::group {

// What few commits have.
struct commit_details {
  std::string metadata;
  std::optional<std::int64_t> expire_wall_ms;  // OffsetCommit 2 to 4 with a retention of its own
};

struct committed_offset {
  std::int32_t partition = 0;
  std::int32_t leader_epoch = -1;
  std::int64_t offset = -1;
  std::int64_t commit_wall_ms = -1;
  std::int64_t record_offset = -1;  // of its record in the log: the later one wins
  std::unique_ptr<commit_details> details;

  std::string_view metadata() const {
    return details ? std::string_view(details->metadata) : std::string_view();
  }
};

class group_offsets {
 public:
  using partitions = std::vector<committed_offset>;  // by partition
  using topics = std::map<std::string, partitions, std::less<>>;

  const topics& all() const { return topics_; }
  // Null when nothing is committed.
  const committed_offset* find(std::string_view topic, std::int32_t partition) const;
  // No offset, and none that a transaction may still bring.
  bool is_empty() const { return topics_.empty() && pending_.empty(); }
  bool has_pending() const { return !pending_.empty(); }

  void set(std::string_view topic, committed_offset offset);
  void remove(std::string_view topic, std::int32_t partition);

  void set_pending(std::int64_t producer_id, std::string_view topic, committed_offset offset);
  // Whether an unfinished transaction has an offset for it.
  bool is_pending(std::string_view topic, std::int32_t partition) const;
  void end_transaction(std::int64_t producer_id, bool is_commit);

  // Gives back what growing has reserved.
  void shrink();

 private:
  topics topics_;
  std::map<std::int64_t, topics> pending_;  // by producer id
};

}  // namespace barnabas::group
