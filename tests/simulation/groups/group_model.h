// What the members of a trial's groups were told, and what must be true of it. Owned by the test,
// outside of the simulated machines.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "failures.h"
#include "groups/group_plan.h"

namespace barnabas::trial {

class group_model : public failures {
 public:
  explicit group_model(const group_plan& plan);

  // A SyncGroup said so. `identity` is the member's id, or its instance id if it is static.
  void owns(const member_plan& who, const std::string& identity, std::int32_t generation,
            std::set<std::int32_t> partitions);
  // It no longer takes itself for an owner.
  void gave_up(const member_plan& who);

  // Somebody sends a commit, it was acknowledged, and somebody was told an offset (-1: none); `low`
  // is that of lowest() when the question was sent.
  void committing(int group, std::int32_t partition, std::int64_t offset);
  void committed(int group, std::int32_t partition, std::int64_t offset);
  void fetched(int group, std::int32_t partition, std::int64_t offset, std::int64_t low);
  std::int64_t lowest(int group, std::int32_t partition) const;

  // Every member has its part of one generation of its group, and together they have everything.
  bool is_settled() const;
  std::string unsettled_text() const;

  std::int64_t generations() const { return static_cast<std::int64_t>(owners_.size()); }
  std::int64_t commits() const { return commits_; }
  // Changes with everything that members were told.
  std::uint64_t hash() const { return hash_; }

 private:
  struct holding {
    std::int32_t generation = -1;
    std::set<std::int32_t> partitions;
  };
  struct bounds {
    std::int64_t low = -1;   // acknowledged, or shown to somebody
    std::int64_t high = -1;  // sent
  };
  bounds& at(int group, std::int32_t partition);
  bool is_settled(int group) const;
  void stir(std::int64_t value);

  const group_plan& plan_;
  // By group and generation, the owner of each partition.
  std::map<std::pair<int, std::int32_t>, std::map<std::int32_t, std::string>> owners_;
  std::vector<std::optional<holding>> holdings_;  // by member
  std::map<std::pair<int, std::int32_t>, bounds> offsets_;
  std::int64_t commits_ = 0;
  std::uint64_t hash_ = 0;
};

}  // namespace barnabas::trial
