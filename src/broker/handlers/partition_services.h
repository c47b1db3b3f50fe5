// What the handlers that ask single partitions use, and the way to one: find it in the image, go to
// its owner's shard, ask there.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "broker/partition_directory.h"
#include "cluster/image_board.h"
#include "runtime/shard.h"

namespace barnabas::broker::handlers {

struct partition_services {
  partition_directory& partitions;
  const cluster::image_board& images;
  std::int32_t broker_id;
};

template <class T, class Ask>
runtime::task<result<T>> ask_here(partition_services services, uuid topic_id, std::int32_t index,
                                  Ask ask) {
  const partition_ptr partition =
      services.partitions.find(topic_id, index);  // kept while it is asked
  if (!partition) {
    co_return fail(error_code::not_leader_or_follower);
  }
  co_return co_await ask(*partition);
}

// Runs `ask`, a function from replica::partition& to a task of result<T>, on the owner's shard.
// UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, or what it answers.
template <class T, class Ask>
runtime::task<result<T>> ask_partition(partition_services services, std::string_view topic_name,
                                       std::int32_t index, Ask ask) {
  const cluster::topic_ptr topic = services.images.current()->topics.find(topic_name);
  const cluster::partition* known = topic ? topic->find(index) : nullptr;
  if (known == nullptr) {
    co_return fail(error_code::unknown_topic_or_partition);
  }
  if (known->leader != services.broker_id) {
    co_return fail(error_code::not_leader_or_follower);
  }
  runtime::shard& owner = services.partitions.owner_of(topic->name, index);
  const uuid id = topic->id;
  co_return co_await runtime::on_shard(
      owner, [services, id, index, ask] { return ask_here<T>(services, id, index, ask); });
}

}  // namespace barnabas::broker::handlers
