#include "client/fetch_session.h"

#include <algorithm>
#include <limits>

#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"

namespace barnabas::client {
namespace {

// Later versions name topics by their ids.
constexpr std::int16_t newest_by_name = 12;

void add_partition(protocol::fetch_request& request, const topic_partition& name,
                   const wanted_partition& wanted) {
  if (request.topics.empty() || request.topics.back().topic != name.topic) {
    request.topics.push_back({.topic = name.topic, .topic_id = wanted.topic_id});
  }
  request.topics.back().partitions.push_back({.partition = name.partition,
                                              .current_leader_epoch = wanted.leader_epoch,
                                              .fetch_offset = wanted.offset,
                                              .partition_max_bytes = wanted.most_bytes});
}

}  // namespace

void fetch_session::fill(protocol::fetch_request& request, const wanted_partitions& wanted) {
  const bool has_ids =
      std::ranges::none_of(wanted, [](const auto& each) { return each.second.topic_id.is_zero(); });
  // A topic that was made again is another one under the same name.
  const bool has_new_ids = std::ranges::any_of(wanted, [this](const auto& each) {
    const auto known = known_.find(each.first);
    return known != known_.end() && known->second.topic_id != each.second.topic_id;
  });
  if (has_new_ids || has_ids != has_ids_) {
    reset();
  }
  has_ids_ = has_ids;
  request.session_id = id_;
  request.session_epoch = epoch_;
  for (const auto& [name, each] : wanted) {
    const auto known = known_.find(name);
    if (epoch_ == 0 || known == known_.end() || known->second != each) {
      add_partition(request, name, each);
    }
  }
  forgotten_.clear();
  for (const auto& [name, each] : known_) {
    if (epoch_ != 0 && !wanted.contains(name)) {
      forgotten_.push_back({name, each.topic_id});
    }
  }
  for (const auto& [name, topic_id] : forgotten_) {
    auto& topics = request.forgotten_topics_data;
    if (topics.empty() || topics.back().topic != name.topic) {
      topics.push_back({.topic = name.topic, .topic_id = topic_id});
    }
    topics.back().partitions.push_back(name.partition);
  }
  known_ = wanted;
  names_.clear();
  std::string_view last;
  for (const auto& [name, each] : known_) {
    if (name.topic != last) {
      names_.emplace(each.topic_id, name.topic);
    }
    last = name.topic;
  }
}

std::int16_t fetch_session::newest_version() const {
  return has_ids_ ? protocol::fetch_request::highest_version : newest_by_name;
}

std::string_view fetch_session::name_of(std::string_view name, const uuid& id) const {
  if (!name.empty()) {
    return name;
  }
  const auto found = names_.find(id);
  return found == names_.end() ? std::string_view() : found->second;
}

bool fetch_session::took(const protocol::fetch_response& answer) {
  if (answer.error_code != error_code::none) {
    reset();
    return false;
  }
  if (answer.session_id == 0) {  // the broker keeps none
    reset();
    return true;
  }
  id_ = answer.session_id;
  epoch_ = epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : epoch_ + 1;
  return true;
}

void fetch_session::reset() {
  id_ = 0;
  epoch_ = 0;
}

}  // namespace barnabas::client
