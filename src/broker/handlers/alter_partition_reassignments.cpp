#include "broker/handlers/alter_partition_reassignments.h"

#include <algorithm>
#include <set>

namespace barnabas::broker::handlers {
namespace {

using protocol::alter_partition_reassignments_request;
using protocol::alter_partition_reassignments_response;
using asked_partition = protocol::alter_partition_reassignments_request_reassignable_partition;

result<> reassign(const cluster::image& image, const cluster::topic* topic,
                  const asked_partition& asked) {
  const cluster::partition* known = topic == nullptr ? nullptr : topic->find(asked.partition_index);
  if (known == nullptr) {
    return fail(error_code::unknown_topic_or_partition, "there is no such partition");
  }
  if (!asked.replicas) {
    return fail(error_code::no_reassignment_in_progress, "no reassignment is in progress");
  }
  const std::set<std::int32_t> brokers(asked.replicas->begin(), asked.replicas->end());
  const bool are_alive = std::ranges::all_of(
      brokers, [&](std::int32_t id) { return image.find_broker(id) != nullptr; });
  if (brokers.empty() || brokers.size() != asked.replicas->size() || !are_alive) {
    return fail(error_code::invalid_replica_assignment,
                "replicas are different brokers that are alive, at least one");
  }
  if (!std::ranges::equal(*asked.replicas, known->replicas)) {
    return fail(error_code::invalid_replica_assignment,
                "this version does not move replicas between brokers");
  }
  return {};
}

}  // namespace

owned_response<alter_partition_reassignments_response> alter_partition_reassignments(
    metadata_services services, const alter_partition_reassignments_request& message) {
  const auto keeps = std::make_shared<response_texts>();
  const cluster::image_ptr image = services.images.current();
  alter_partition_reassignments_response out;
  out.error_message = std::nullopt;
  for (const auto& topic : message.topics) {
    auto& answer = out.responses.emplace_back();
    answer.name = topic.name;
    for (const asked_partition& asked : topic.partitions) {
      const auto outcome = reassign(*image, image->find_topic(topic.name), asked);
      auto& one = answer.partitions.emplace_back();
      one.partition_index = asked.partition_index;
      one.error_code = outcome ? error_code::none : outcome.error().code;
      one.error_message = std::nullopt;
      if (!outcome) {
        one.error_message = keeps->keep(outcome.error().message);
      }
    }
  }
  return {std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
