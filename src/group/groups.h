// All groups of one partition of __consumer_offsets, and the one queue of their deadlines. A group
// stands in the queue at most once, at or before its earliest deadline: a heartbeat only moves its
// member's own deadline, and the group is looked through when its turn comes. Owned by the machine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "group/group.h"

namespace barnabas::group {

class groups {
 public:
  using by_id = std::map<std::string, std::unique_ptr<group>, std::less<>>;

  const by_id& all() const { return groups_; }
  // Null when there is none.
  group* find(std::string_view id) const;
  group& find_or_create(std::string_view id);
  void erase(std::string_view id);

  // A deadline has come about; later ones than the group's place change nothing.
  void wake_by(group& of, std::int64_t steady_ms);
  std::optional<std::int64_t> next_deadline_ms() const;
  // Out of the queue, those whose turn has come.
  std::vector<group*> take_due(std::int64_t steady_ms);

 private:
  by_id groups_;
  // By deadline, then by id: where a group lies in memory may decide nothing.
  struct earlier {
    bool operator()(const std::pair<std::int64_t, group*>& a,
                    const std::pair<std::int64_t, group*>& b) const {
      return a.first != b.first ? a.first < b.first : a.second->id() < b.second->id();
    }
  };
  std::set<std::pair<std::int64_t, group*>, earlier> queue_;
};

}  // namespace barnabas::group
