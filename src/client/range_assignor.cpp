#include <algorithm>
#include <utility>

#include "client/assignor_parts.h"

namespace barnabas::client {
namespace {

using readers = std::vector<const member_subscription*>;

// One topic on its way to its readers: each gets the same number of partitions, the first ones one
// more where it does not come out even.
class shared_topic {
 public:
  shared_topic(const std::string& name, const std::vector<rack_set>& racks, readers who)
      : name_(name),
        racks_(racks),
        readers_(std::move(who)),
        owners_(racks.size()),
        loads_(readers_.size()),
        share_(racks.size() / readers_.size()),
        with_one_more_(racks.size() % readers_.size()) {
    for (const member_subscription* const each : readers_) {
      survey_.add(*each);
    }
    survey_.add(racks_);
  }

  const readers& who() const { return readers_; }
  std::size_t partitions() const { return racks_.size(); }
  bool racks_matter() const { return survey_.matters(); }
  bool has_room(std::size_t reader) const {
    return loads_[reader] < share_ + (with_one_more_ > 0 ? 1 : 0);
  }
  bool is_close_to(std::size_t reader, std::size_t partition) const {
    return is_close(*readers_[reader], racks_[partition]);
  }
  void give(std::size_t reader, std::size_t partition) {
    owners_[partition] = readers_[reader];
    if (++loads_[reader] > share_) {
      --with_one_more_;
    }
  }
  // To one reader after the other, from the lowest free partition on.
  void give_out(bool only_close) {
    for (std::size_t reader = 0; reader < readers_.size(); ++reader) {
      for (std::size_t i = 0; i < owners_.size() && has_room(reader); ++i) {
        if (owners_[i] == nullptr && (!only_close || is_close_to(reader, i))) {
          give(reader, i);
        }
      }
    }
  }
  void add_to(group_assignment& assigned) const {
    for (std::size_t i = 0; i < owners_.size(); ++i) {
      assigned[owners_[i]->member_id].push_back({name_, static_cast<std::int32_t>(i)});
    }
  }

 private:
  const std::string& name_;
  const std::vector<rack_set>& racks_;
  readers readers_;
  readers owners_;  // by partition; null: free
  std::vector<std::size_t> loads_;
  std::size_t share_;
  std::size_t with_one_more_;  // readers that may still get one more
  rack_survey survey_;
};

// Topics with the same readers and as many partitions each are read together: partition 1 of all of
// them goes to one reader, so that they can be joined.
void give_together(const std::vector<shared_topic*>& topics) {
  const shared_topic& any = *topics.front();
  for (std::size_t i = 0; i < any.partitions(); ++i) {
    for (std::size_t reader = 0; reader < any.who().size(); ++reader) {
      if (std::ranges::all_of(topics, [&](const shared_topic* each) {
            return each->is_close_to(reader, i) && each->has_room(reader);
          })) {
        for (shared_topic* const each : topics) {
          each->give(reader, i);
        }
        break;
      }
    }
  }
}

void give_to_close_ones(std::vector<shared_topic>& topics) {
  std::map<std::pair<readers, std::size_t>, std::vector<shared_topic*>> alike;
  for (shared_topic& each : topics) {
    alike[{each.who(), each.partitions()}].push_back(&each);
  }
  for (const auto& [what, some] : alike) {
    if (some.size() > 1) {
      give_together(some);
    } else if (some.front()->racks_matter()) {
      some.front()->give_out(true);
    }
  }
}

}  // namespace

group_assignment assign_range(const member_subscriptions& members, const group_topics& topics) {
  const auto ordered = in_order(members);
  std::vector<shared_topic> shared;
  for (const auto& [topic, racks] : topics) {
    readers who;
    std::ranges::copy_if(ordered, std::back_inserter(who),
                         [&](const auto* member) { return is_subscribed(*member, topic); });
    if (!who.empty()) {
      shared.emplace_back(topic, racks, std::move(who));
    }
  }
  if (std::ranges::any_of(shared, &shared_topic::racks_matter)) {
    give_to_close_ones(shared);
  }
  group_assignment assigned = nothing_for(members);
  for (shared_topic& each : shared) {
    each.give_out(false);
    each.add_to(assigned);
  }
  return assigned;
}

}  // namespace barnabas::client
