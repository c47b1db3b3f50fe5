#include "broker/handlers/find_coordinator.h"

#include "base/log.h"
#include "broker/internal_topics.h"
#include "broker/java_hash.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::find_coordinator_response;

constexpr std::int8_t group_key = 0;
constexpr std::int16_t first_version_with_many_keys = 4;
constexpr std::int32_t creation_timeout_ms = 5'000;

struct found {
  error_code problem = error_code::none;
  std::string_view message;
  std::int32_t node_id = -1;
  std::string_view host;  // in the image
  std::int32_t port = -1;
};

runtime::task<> create_offsets_topic(metadata_services services) {
  const cluster::new_topic topic = offsets_topic(services.config, *services.images.current());
  const auto deadline = deadline_after(creation_timeout_ms);
  const auto outcomes =
      co_await ask_controller(services, [topic, deadline](cluster::controller& controller) {
        return controller.create_topics({topic}, false, deadline);
      });
  if (!outcomes.front() && outcomes.front().error().code != error_code::topic_already_exists) {
    log(log_level::error, "broker", "the topic of consumer groups cannot be created",
        {field("topic", topic.name), field("replication_factor", topic.replication_factor),
         field("error", error_name(outcomes.front().error().code)),
         field("reason", outcomes.front().error().message)});
  }
}

found find(const cluster::image& image, std::string_view listener, std::string_view group_id) {
  constexpr std::string_view not_there = "The coordinator is not available.";
  const cluster::topic* topic = image.find_topic(offsets_topic_name);
  if (topic == nullptr) {
    return {error_code::coordinator_not_available, not_there};
  }
  const std::int32_t index =
      partition_of_key(group_id, static_cast<std::int32_t>(topic->partitions.size()));
  const cluster::broker* leader = image.find_broker(topic->find(index)->leader);
  const cluster::broker_endpoint* at = leader != nullptr ? leader->endpoint(listener) : nullptr;
  if (at == nullptr) {
    return {error_code::coordinator_not_available, not_there};
  }
  return {error_code::none, {}, leader->id, at->host, at->port};
}

template <class Place>
void show(const found& answer, Place& out) {
  out.error_code = answer.problem;
  out.error_message = answer.message;
  out.node_id = answer.node_id;
  out.host = answer.host;
  out.port = answer.port;
}

}  // namespace

runtime::task<owned_response<find_coordinator_response>> find_coordinator(
    metadata_services services, const request& request,
    protocol::find_coordinator_request message) {
  const bool is_group = message.key_type == group_key;
  if (is_group && services.images.current()->find_topic(offsets_topic_name) == nullptr) {
    co_await create_offsets_topic(services);
  }
  const cluster::image_ptr image = services.images.current();
  const auto answer = [&](std::string_view key) -> found {
    if (!is_group) {
      return {error_code::invalid_request, "this broker coordinates groups only"};
    }
    return find(*image, request.connection->listener_name, key);
  };
  find_coordinator_response out;
  if (request.version < first_version_with_many_keys) {
    show(answer(message.key), out);
    co_return owned_response<find_coordinator_response>{std::move(out), image};
  }
  for (const std::string_view key : message.coordinator_keys) {
    auto& each = out.coordinators.emplace_back();
    each.key = key;
    show(answer(key), each);
  }
  co_return owned_response<find_coordinator_response>{std::move(out), image};
}

}  // namespace barnabas::broker::handlers
