#include <algorithm>
#include <set>

#include "client/assignor.h"

namespace barnabas::client {
namespace {

// An assignment on its way from what members own to one that is balanced.
class sticky_assignment {
 public:
  sticky_assignment(const member_subscriptions& members, const partition_counts& topics);
  group_assignment settle();

 private:
  struct reader {
    const member_subscription* who;
    std::set<topic_partition> partitions;

    std::size_t load() const { return partitions.size(); }
    const std::string& id() const { return who->member_id; }
  };
  // Readers of one topic, in the order of their ids.
  using readers = std::vector<reader*>;

  void keep_what_is_owned();
  void keep_at_most(std::size_t share, std::size_t with_one_more);
  void hand_out();
  void balance();
  bool balance_once();
  const readers& readers_of(const topic_partition& partition) const {
    return by_topic_.at(partition.topic);
  }

  std::vector<reader> all_;
  std::map<std::string, readers> by_topic_;
  std::set<topic_partition> free_;
  bool is_uniform_ = true;  // all read the same topics
};

sticky_assignment::sticky_assignment(const member_subscriptions& members,
                                     const partition_counts& topics) {
  for (const member_subscription& each : members) {
    all_.push_back({&each, {}});
  }
  std::ranges::sort(all_, {}, &reader::id);
  for (reader& each : all_) {
    const std::set<std::string> wanted(each.who->topics.begin(), each.who->topics.end());
    for (const std::string& topic : wanted) {
      if (topics.contains(topic)) {
        by_topic_[topic].push_back(&each);
      }
    }
  }
  for (const auto& [topic, some] : by_topic_) {
    is_uniform_ = is_uniform_ && some.size() == all_.size();
    for (std::int32_t i = 0; i < topics.at(topic); ++i) {
      free_.insert({topic, i});
    }
  }
}

// Of several who claim a partition the one of the newest generation has it; when two of them are as
// new as each other, neither.
void sticky_assignment::keep_what_is_owned() {
  struct claim {
    reader* by = nullptr;
    std::int32_t generation = -1;
  };
  std::map<topic_partition, claim> claims;
  for (reader& each : all_) {
    for (const topic_partition& partition : each.who->owned) {
      const auto [found, is_first] = claims.try_emplace(partition, &each, each.who->generation);
      if (is_first || found->second.generation > each.who->generation) {
        continue;
      }
      const bool is_newer = found->second.generation < each.who->generation;
      found->second = {is_newer ? &each : nullptr, each.who->generation};
    }
  }
  for (const auto& [partition, claim] : claims) {
    if (claim.by == nullptr || !free_.contains(partition) ||
        std::ranges::find(readers_of(partition), claim.by) == readers_of(partition).end()) {
      continue;
    }
    free_.erase(partition);
    claim.by->partitions.insert(partition);
  }
}

// When all read the same, what is above a fair share is given up at once: `with_one_more` of them
// may keep one more.
void sticky_assignment::keep_at_most(std::size_t share, std::size_t with_one_more) {
  for (reader& each : all_) {
    std::size_t most = share;
    if (each.load() > share && with_one_more > 0) {
      --with_one_more;
      ++most;
    }
    while (each.load() > most) {
      const auto last = std::prev(each.partitions.end());
      free_.insert(*last);
      each.partitions.erase(last);
    }
  }
}

// Those that fewest can read first; each to whom has least.
void sticky_assignment::hand_out() {
  std::vector<topic_partition> waiting(free_.begin(), free_.end());
  std::ranges::sort(waiting, {}, [this](const topic_partition& each) {
    return std::pair(readers_of(each).size(), each);
  });
  for (topic_partition& each : waiting) {
    reader* const least = *std::ranges::min_element(readers_of(each), {}, &reader::load);
    least->partitions.insert(std::move(each));
  }
  free_.clear();
}

// Moves a partition to a reader that has at least two fewer; false when there is none.
bool sticky_assignment::balance_once() {
  std::vector<reader*> fullest;
  for (reader& each : all_) {
    fullest.push_back(&each);
  }
  std::ranges::sort(fullest, [](const reader* a, const reader* b) {
    return a->load() != b->load() ? a->load() > b->load() : a->id() < b->id();
  });
  for (reader* const from : fullest) {
    for (auto at = from->partitions.rbegin(); at != from->partitions.rend(); ++at) {
      reader* const least = *std::ranges::min_element(readers_of(*at), {}, &reader::load);
      if (least->load() + 2 <= from->load()) {
        least->partitions.insert(*at);
        from->partitions.erase(std::next(at).base());
        return true;
      }
    }
  }
  return false;
}

// Each move makes the sum of the squares of the loads smaller, so it ends.
void sticky_assignment::balance() {
  while (balance_once()) {
  }
}

group_assignment sticky_assignment::settle() {
  const std::size_t total = free_.size();
  keep_what_is_owned();
  if (is_uniform_ && !all_.empty()) {
    keep_at_most(total / all_.size(), total % all_.size());
  }
  hand_out();
  balance();
  group_assignment assigned;
  for (const reader& each : all_) {
    assigned[each.id()].assign(each.partitions.begin(), each.partitions.end());
  }
  return assigned;
}

}  // namespace

group_assignment assign_sticky(const member_subscriptions& members,
                               const partition_counts& topics) {
  return sticky_assignment(members, topics).settle();
}

}  // namespace barnabas::client
