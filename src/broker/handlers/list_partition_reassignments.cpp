#include "broker/handlers/list_partition_reassignments.h"

#include <algorithm>

namespace barnabas::broker::handlers {
namespace {

using protocol::list_partition_reassignments_request;
using protocol::list_partition_reassignments_response;

std::vector<std::int32_t> ids_of(const cluster::broker_ids& ids) {
  return {ids.begin(), ids.end()};
}

// `is_asked` says which partitions.
template <class IsAsked>
void show(const cluster::topic& topic, IsAsked is_asked,
          list_partition_reassignments_response& out) {
  for (const auto& [index, change] : topic.reassignments) {
    const cluster::partition* partition = topic.find(index);
    if (partition == nullptr || !is_asked(index)) {
      continue;
    }
    if (out.topics.empty() || out.topics.back().name != topic.name) {
      out.topics.emplace_back().name = topic.name;
    }
    auto& one = out.topics.back().partitions.emplace_back();
    one.partition_index = index;
    one.replicas = ids_of(partition->replicas);
    one.adding_replicas = ids_of(change.adding);
    one.removing_replicas = ids_of(change.removing);
  }
}

}  // namespace

owned_response<list_partition_reassignments_response> list_partition_reassignments(
    metadata_services services, const list_partition_reassignments_request& message) {
  const cluster::image_ptr image = services.images.current();
  list_partition_reassignments_response out;
  out.error_message = std::nullopt;
  if (!message.topics) {
    for (const cluster::topic_ptr& topic : image->topics.all()) {
      show(*topic, [](std::int32_t) { return true; }, out);
    }
    return {std::move(out), image};
  }
  for (const auto& asked : *message.topics) {
    if (const cluster::topic* topic = image->find_topic(asked.name)) {
      show(
          *topic,
          [&](std::int32_t index) {
            return std::ranges::find(asked.partition_indexes, index) !=
                   asked.partition_indexes.end();
          },
          out);
    }
  }
  return {std::move(out), image};
}

}  // namespace barnabas::broker::handlers
