#include "client/fetch_session.h"

#include <limits>

#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"

namespace barnabas::client {
namespace {

void add_partition(protocol::fetch_request& request, const topic_partition& name,
                   const wanted_partition& wanted) {
  if (request.topics.empty() || request.topics.back().topic != name.topic) {
    request.topics.push_back({.topic = name.topic});
  }
  request.topics.back().partitions.push_back({.partition = name.partition,
                                              .current_leader_epoch = wanted.leader_epoch,
                                              .fetch_offset = wanted.offset,
                                              .partition_max_bytes = wanted.most_bytes});
}

}  // namespace

void fetch_session::fill(protocol::fetch_request& request, const wanted_partitions& wanted) {
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
      forgotten_.push_back(name);
    }
  }
  for (const topic_partition& name : forgotten_) {
    auto& topics = request.forgotten_topics_data;
    if (topics.empty() || topics.back().topic != name.topic) {
      topics.push_back({.topic = name.topic});
    }
    topics.back().partitions.push_back(name.partition);
  }
  known_ = wanted;
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
  known_.clear();
}

}  // namespace barnabas::client
