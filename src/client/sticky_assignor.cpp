#include <algorithm>
#include <set>
#include <utility>

#include "base/ensure.h"
#include "client/assignor_parts.h"

namespace barnabas::client {
namespace {

struct reader {
  const member_subscription* who;
  std::set<topic_partition> partitions;

  std::size_t load() const { return partitions.size(); }
  const std::string& id() const { return who->member_id; }
};
// Of one topic, in the order of their ids.
using readers = std::vector<reader*>;

// Readers of the same topics who get partitions one after the other, until each has a fair share
// and so many of them one more.
class turns {
 public:
  turns(std::vector<reader>& all, std::size_t share, std::size_t with_one_more)
      : share_(share), with_one_more_(with_one_more) {
    for (reader& each : all) {
      if (each.load() > share) {
        --with_one_more_;
      } else {
        (each.load() < share ? below_ : full_).push_back(&each);
      }
    }
  }

  void begin_again() { turn_ = 0; }
  // False when it suits nobody who may have more.
  template <class Suits>
  bool give(const topic_partition& partition, Suits suits) {
    for (std::size_t i = 0; i < below_.size(); ++i) {
      const std::size_t index = (turn_ + i) % below_.size();
      if (suits(below_[index])) {
        give_to(index, partition);
        return true;
      }
    }
    const auto found = std::ranges::find_if(full_, suits);
    if (with_one_more_ == 0 || found == full_.end()) {
      return false;
    }
    (*found)->partitions.insert(partition);
    full_.erase(found);
    --with_one_more_;
    return true;
  }

 private:
  void give_to(std::size_t index, const topic_partition& partition) {
    reader* const to = below_[index];
    to->partitions.insert(partition);
    turn_ = index + 1;
    if (to->load() == share_) {
      below_.erase(below_.begin() + static_cast<std::ptrdiff_t>(index));
      full_.push_back(to);
      turn_ = index;
    }
  }

  std::size_t share_;
  std::size_t with_one_more_;
  readers below_;
  readers full_;  // but for one more
  std::size_t turn_ = 0;
};

// An assignment on its way from what members own to one that is balanced.
class sticky_assignment {
 public:
  sticky_assignment(const member_subscriptions& members, const group_topics& topics);
  group_assignment settle();

 private:
  void keep_what_is_owned();
  void keep_at_most(std::size_t share, std::size_t with_one_more);
  void hand_out();
  void hand_out_in_turn(std::size_t share, std::size_t with_one_more);
  void balance();
  bool balance_once(int least_gain);
  void bring_closer();
  bool bring_closer(reader& from, const topic_partition& partition);
  int gain(const topic_partition& partition, const reader& from, const reader& to) const;
  reader* least_loaded(const topic_partition& partition, bool only_close) const;
  std::vector<topic_partition> waiting(bool close_first) const;
  // Only where racks matter, and of a member that has said its rack.
  bool are_close(const reader& who, const topic_partition& partition) const;
  bool are_far(const reader& who, const topic_partition& partition) const;
  const readers& readers_of(const topic_partition& partition) const {
    return by_topic_.at(partition.topic);
  }

  const group_topics& topics_;
  std::vector<reader> all_;
  std::map<std::string, readers> by_topic_;
  std::set<topic_partition> free_;
  std::map<topic_partition, const reader*> former_;  // of free ones that were far
  bool is_uniform_ = true;                           // all read the same topics
  bool racks_matter_ = false;
};

sticky_assignment::sticky_assignment(const member_subscriptions& members,
                                     const group_topics& topics)
    : topics_(topics) {
  rack_survey survey;
  for (const member_subscription& each : members) {
    survey.add(each);
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
    const auto& racks = topics.at(topic);
    survey.add(racks);
    for (std::int32_t i = 0; std::cmp_less(i, racks.size()); ++i) {
      free_.insert({topic, i});
    }
  }
  racks_matter_ = survey.matters();
}

bool sticky_assignment::are_close(const reader& who, const topic_partition& partition) const {
  return racks_matter_ && !who.who->rack.empty() &&
         is_close(*who.who,
                  topics_.at(partition.topic)[static_cast<std::size_t>(partition.partition)]);
}

bool sticky_assignment::are_far(const reader& who, const topic_partition& partition) const {
  return racks_matter_ && !who.who->rack.empty() && !are_close(who, partition);
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
    if (is_uniform_ && are_far(*claim.by, partition)) {
      former_[partition] = claim.by;
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

// In the order in which they are handed out: those to which fewest are close first, and of those
// that fewest can read.
std::vector<topic_partition> sticky_assignment::waiting(bool close_first) const {
  struct waiting_one {
    bool comes_last;  // nobody is close
    std::ptrdiff_t close;
    std::size_t readers;
    topic_partition name;
    auto operator<=>(const waiting_one&) const = default;
  };
  std::vector<waiting_one> ordered;
  for (const topic_partition& each : free_) {
    const readers& some = readers_of(each);
    const auto close =
        std::ranges::count_if(some, [&](const reader* who) { return are_close(*who, each); });
    ordered.push_back({close_first && close == 0, close, some.size(), each});
  }
  std::ranges::sort(ordered);
  std::vector<topic_partition> names;
  for (waiting_one& each : ordered) {
    names.push_back(std::move(each.name));
  }
  return names;
}

// Null when none is close.
reader* sticky_assignment::least_loaded(const topic_partition& partition, bool only_close) const {
  reader* least = nullptr;
  for (reader* const each : readers_of(partition)) {
    if ((!only_close || are_close(*each, partition)) &&
        (least == nullptr || each->load() < least->load())) {
      least = each;
    }
  }
  return least;
}

// Each to whom has least, those first to which somebody is close.
void sticky_assignment::hand_out() {
  for (const topic_partition& each : waiting(true)) {
    reader* const close = least_loaded(each, true);
    reader* const to = close != nullptr ? close : least_loaded(each, false);
    to->partitions.insert(each);
  }
  free_.clear();
}

// When all read the same. First to those that are close.
void sticky_assignment::hand_out_in_turn(std::size_t share, std::size_t with_one_more) {
  turns next(all_, share, with_one_more);
  auto left = waiting(false);
  std::erase_if(left, [&](const topic_partition& each) {
    return next.give(each, [&](const reader* who) { return are_close(*who, each); });
  });
  // Back to where they were, so that another round changes nothing.
  std::erase_if(left, [&](const topic_partition& each) {
    const auto former = former_.find(each);
    return former != former_.end() &&
           next.give(each, [&](const reader* who) { return who == former->second; });
  });
  next.begin_again();
  for (const topic_partition& each : left) {
    ensure(next.give(each, [](const reader*) { return true; }), "the shares make up all");
  }
  free_.clear();
}

int sticky_assignment::gain(const topic_partition& partition, const reader& from,
                            const reader& to) const {
  return int{are_close(to, partition)} - int{are_close(from, partition)};
}

// Moves a partition to a reader that has at least two fewer; false when there is none.
bool sticky_assignment::balance_once(int least_gain) {
  std::vector<reader*> fullest;
  for (reader& each : all_) {
    fullest.push_back(&each);
  }
  std::ranges::sort(fullest, [](const reader* a, const reader* b) {
    return a->load() != b->load() ? a->load() > b->load() : a->id() < b->id();
  });
  for (reader* const from : fullest) {
    for (auto at = from->partitions.rbegin(); at != from->partitions.rend(); ++at) {
      for (reader* const to : {least_loaded(*at, true), least_loaded(*at, false)}) {
        if (to != nullptr && to->load() + 2 <= from->load() &&
            gain(*at, *from, *to) >= least_gain) {
          to->partitions.insert(*at);
          from->partitions.erase(std::next(at).base());
          return true;
        }
      }
    }
  }
  return false;
}

// Each move makes the sum of the squares of the loads smaller, so it ends.
void sticky_assignment::balance() {
  while ((racks_matter_ && (balance_once(1) || balance_once(0))) || balance_once(-1)) {
  }
}

// Gives it to a close reader, who gives one back when he has as many already.
bool sticky_assignment::bring_closer(reader& from, const topic_partition& partition) {
  for (reader* const to : readers_of(partition)) {
    if (!are_close(*to, partition)) {
      continue;
    }
    if (to->load() < from.load()) {
      to->partitions.insert(partition);
      from.partitions.erase(partition);
      return true;
    }
    const auto back = std::ranges::find_if(to->partitions, [&](const topic_partition& each) {
      const readers& some = readers_of(each);
      return gain(each, *to, from) >= 0 && std::ranges::find(some, &from) != some.end();
    });
    if (back != to->partitions.end()) {
      from.partitions.insert(*back);
      to->partitions.erase(back);
      to->partitions.insert(partition);
      from.partitions.erase(partition);
      return true;
    }
  }
  return false;
}

// Loads stay as even as they are, and more is close after each step, so it ends.
void sticky_assignment::bring_closer() {
  bool has_moved = racks_matter_;
  while (std::exchange(has_moved, false)) {
    for (reader& from : all_) {
      const auto owned = from.partitions;
      for (const topic_partition& each : owned) {
        has_moved =
            (are_far(from, each) && from.partitions.contains(each) && bring_closer(from, each)) ||
            has_moved;
      }
    }
  }
}

group_assignment sticky_assignment::settle() {
  const std::size_t total = free_.size();
  keep_what_is_owned();
  if (is_uniform_ && !all_.empty()) {
    keep_at_most(total / all_.size(), total % all_.size());
    hand_out_in_turn(total / all_.size(), total % all_.size());
  } else {
    hand_out();
    balance();
    bring_closer();
  }
  group_assignment assigned;
  for (const reader& each : all_) {
    assigned[each.id()].assign(each.partitions.begin(), each.partitions.end());
  }
  return assigned;
}

}  // namespace

group_assignment assign_sticky(const member_subscriptions& members, const group_topics& topics) {
  return sticky_assignment(members, topics).settle();
}

}  // namespace barnabas::client
