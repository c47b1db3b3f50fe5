#include "group/groups.h"

namespace barnabas::group {

group* groups::find(std::string_view id) const {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : found->second.get();
}

group& groups::find_or_create(std::string_view id) {
  auto found = groups_.find(id);
  if (found == groups_.end()) {
    found = groups_.emplace(id, std::make_unique<group>(std::string(id))).first;
  }
  return *found->second;
}

void groups::erase(std::string_view id) {
  const auto found = groups_.find(id);
  if (found != groups_.end()) {
    queue_.erase({found->second->queued_ms, found->second.get()});
    groups_.erase(found);
  }
}

void groups::wake_by(group& of, std::int64_t steady_ms) {
  if (steady_ms >= of.queued_ms) {
    return;
  }
  queue_.erase({of.queued_ms, &of});
  of.queued_ms = steady_ms;
  queue_.emplace(steady_ms, &of);
}

std::optional<std::int64_t> groups::next_deadline_ms() const {
  return queue_.empty() ? std::nullopt : std::optional(queue_.begin()->first);
}

std::vector<group*> groups::take_due(std::int64_t steady_ms) {
  std::vector<group*> due;
  while (!queue_.empty() && queue_.begin()->first <= steady_ms) {
    due.push_back(queue_.begin()->second);
    due.back()->queued_ms = never_ms;
    queue_.erase(queue_.begin());
  }
  return due;
}

}  // namespace barnabas::group
