#include "group/group_offsets.h"

#include <algorithm>

namespace barnabas::group {
namespace {

const committed_offset* find_in(const group_offsets::topics& topics, std::string_view topic,
                                std::int32_t partition) {
  const auto at = topics.find(topic);
  if (at == topics.end()) {
    return nullptr;
  }
  const auto found =
      std::ranges::lower_bound(at->second, partition, {}, &committed_offset::partition);
  return found != at->second.end() && found->partition == partition ? &*found : nullptr;
}

void set_in(group_offsets::topics& topics, std::string_view topic, committed_offset offset) {
  auto at = topics.find(topic);
  if (at == topics.end()) {
    at = topics.emplace(topic, group_offsets::partitions()).first;
  }
  const auto place =
      std::ranges::lower_bound(at->second, offset.partition, {}, &committed_offset::partition);
  if (place != at->second.end() && place->partition == offset.partition) {
    *place = std::move(offset);
  } else {
    at->second.insert(place, std::move(offset));
  }
}

}  // namespace

const committed_offset* group_offsets::find(std::string_view topic, std::int32_t partition) const {
  return find_in(topics_, topic, partition);
}

void group_offsets::set(std::string_view topic, committed_offset offset) {
  set_in(topics_, topic, std::move(offset));
}

void group_offsets::remove(std::string_view topic, std::int32_t partition) {
  const auto at = topics_.find(topic);
  if (at == topics_.end()) {
    return;
  }
  std::erase_if(at->second, [&](const auto& each) { return each.partition == partition; });
  if (at->second.empty()) {
    topics_.erase(at);
  }
}

void group_offsets::set_pending(std::int64_t producer_id, std::string_view topic,
                                committed_offset offset) {
  set_in(pending_[producer_id], topic, std::move(offset));
}

bool group_offsets::is_pending(std::string_view topic, std::int32_t partition) const {
  return std::ranges::any_of(pending_, [&](const auto& transaction) {
    return find_in(transaction.second, topic, partition) != nullptr;
  });
}

void group_offsets::end_transaction(std::int64_t producer_id, bool is_commit) {
  auto transaction = pending_.extract(producer_id);
  if (transaction.empty() || !is_commit) {
    return;
  }
  for (auto& [topic, offsets] : transaction.mapped()) {
    for (committed_offset& each : offsets) {
      const committed_offset* current = find(topic, each.partition);
      if (current == nullptr || current->record_offset < each.record_offset) {
        set(topic, std::move(each));
      }
    }
  }
}

void group_offsets::shrink() {
  for (auto& [topic, offsets] : topics_) {
    offsets.shrink_to_fit();
  }
}

}  // namespace barnabas::group
