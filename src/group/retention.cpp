#include "group/retention.h"

#include <vector>

#include "group/records.h"
#include "group/subscription.h"

namespace barnabas::group {

// One step of the walk.
class retention::round {
 public:
  round(const retention& of, turn& turn) : of_(of), turn_(turn), written_(turn) {}

  // False when the batch is full: the group is looked at again in the next step.
  bool visit(group& group) {
    read_.reset();
    bool keeps_any = false;
    for (const auto& [topic, offsets] : group.offsets.all()) {
      for (const committed_offset& each : offsets) {
        if (!is_due(group, topic, each)) {
          keeps_any = true;
        } else if (!written_.add(offset_tombstone(group.id(), topic, each.partition))) {
          return false;
        }
      }
    }
    return keeps_any || forget(group);
  }

  std::vector<std::string> forgotten;  // without a record of their own

 private:
  bool is_due(const group& group, const std::string& topic, const committed_offset& offset) {
    const auto deleted = of_.deleted_.find(topic);
    if (deleted != of_.deleted_.end() && offset.commit_wall_ms <= deleted->second) {
      return true;
    }
    if (!of_.is_checking_ages_ || group.offsets.is_pending(topic, offset.partition) ||
        !is_old(group, offset)) {
      return false;
    }
    return !group.protocol_type() || group.is(group_state::empty) ||
           (group.is(group_state::stable) && !is_read(group, topic));
  }

  bool is_old(const group& group, const committed_offset& offset) const {
    if (offset.details && offset.details->expire_wall_ms) {
      return turn_.now.wall_ms >= *offset.details->expire_wall_ms;
    }
    const bool is_since_empty =
        group.protocol_type() && group.is(group_state::empty) && group.state_wall_ms() >= 0;
    const std::int64_t since_ms = is_since_empty ? group.state_wall_ms() : offset.commit_wall_ms;
    return turn_.now.wall_ms - since_ms >= turn_.limits.offsets_retention_ms;
  }

  // Costly for a large group, so asked last.
  bool is_read(const group& group, const std::string& topic) {
    return (read_ ? *read_ : read_.emplace(group)).has(topic);
  }

  bool forget(group& group) {
    if (group.is_forgettable()) {
      forgotten.push_back(group.id());
      return true;
    }
    const bool is_over = group.is(group_state::empty) && group.pending.empty() &&
                         group.generation() > 0 && !group.offsets.has_pending();
    return !is_over || written_.add(group_tombstone(group.id()));
  }

  const retention& of_;
  turn& turn_;
  tombstones written_;
  std::optional<subscription> read_;  // by the members of the group that is visited
};

void retention::start(const turn& turn) {
  finish(turn);
}

void retention::topics_deleted(std::span<const std::string> names, coordinator::moment now) {
  for (const std::string& name : names) {
    deleted_[name] = now.wall_ms;
  }
  last_.reset();
  next_ms_ = now.steady_ms;
}

void retention::step(turn& turn) {
  is_checking_ages_ = is_checking_ages_ || next_check_ms_ <= turn.now.steady_ms;
  const auto& all = turn.all.all();
  round walk(*this, turn);
  bool is_through = true;
  for (auto at = last_ ? all.upper_bound(*last_) : all.begin(); at != all.end(); ++at) {
    if (!walk.visit(*at->second)) {
      is_through = false;
      break;
    }
    last_ = at->first;
  }
  for (const std::string& id : walk.forgotten) {
    turn.all.erase(id);
  }
  next_ms_ = turn.now.steady_ms;
  if (is_through) {
    finish(turn);
  }
}

void retention::finish(const turn& turn) {
  if (is_checking_ages_ || next_check_ms_ == never_ms) {
    next_check_ms_ = turn.now.steady_ms + turn.limits.retention_check_interval_ms;
  }
  next_ms_ = next_check_ms_;
  is_checking_ages_ = false;
  last_.reset();
  deleted_.clear();
}

}  // namespace barnabas::group
