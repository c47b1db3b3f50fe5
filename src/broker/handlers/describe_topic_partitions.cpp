#include "broker/handlers/describe_topic_partitions.h"

#include <algorithm>
#include <ranges>
#include <set>

#include "broker/handlers/metadata_partitions.h"
#include "broker/setting_reader.h"
#include "cluster/topic_names.h"

namespace barnabas::broker::handlers {
namespace {

using response = protocol::describe_topic_partitions_response;
using protocol::describe_topic_partitions_request;

std::int32_t partition_limit(const server_config& config, std::int32_t asked) {
  const setting_reader in(broker_settings{.given = &config.values});
  return std::max(std::min(in.number32("max.request.partition.size.limit"), asked), 1);
}

// The names to show, in order, from the cursor's topic on.
std::set<std::string_view> names_from(const cluster::image& image,
                                      const describe_topic_partitions_request& message) {
  std::set<std::string_view> names;
  for (const auto& topic : message.topics) {
    names.insert(topic.name);
  }
  if (message.topics.empty()) {
    for (const cluster::topic_ptr& topic : image.topics.all()) {
      names.insert(topic->name);
    }
  }
  if (message.cursor) {
    names.erase(names.begin(), names.lower_bound(message.cursor->topic_name));
  }
  return names;
}

// A cursor names one of the topics that are asked for, or any where all are.
bool is_possible(const describe_topic_partitions_request::cursor_entry& cursor,
                 const describe_topic_partitions_request& message) {
  const auto names =
      message.topics | std::views::transform([](const auto& one) { return one.name; });
  return cursor.partition_index >= 0 &&
         (names.empty() || std::ranges::find(names, cursor.topic_name) != names.end());
}

response::topic refused(std::string_view name, error_code problem) {
  response::topic out;
  out.error_code = problem;
  out.name = name;
  out.is_internal = cluster::is_internal_topic(name);
  return out;
}

response::topic heading(const cluster::topic& topic) {
  response::topic out;
  out.name = topic.name;
  out.topic_id = topic.id;
  out.is_internal = cluster::is_internal_topic(topic.name);
  out.topic_authorized_operations = all_topic_operations;
  return out;
}

response::partition shown(const cluster::image& image, const cluster::topic& topic,
                          std::int32_t index, std::string_view listener) {
  response::partition out;
  fill_partition(out, image, topic.partitions[index], index, listener);
  out.eligible_leader_replicas.emplace();
  out.last_known_elr.emplace();
  return out;
}

}  // namespace

owned_response<response> describe_topic_partitions(
    metadata_services services, const request& request,
    const describe_topic_partitions_request& message) {
  const cluster::image_ptr image = services.images.current();
  response out;
  if (message.cursor && !is_possible(*message.cursor, message)) {
    for (const auto& topic : message.topics) {
      out.topics.push_back(refused(topic.name, error_code::invalid_request));
    }
    return {std::move(out), image};
  }
  std::int32_t room = partition_limit(services.config, message.response_partition_limit);
  for (const std::string_view name : names_from(*image, message)) {
    if (room == 0) {
      out.next_cursor = {.topic_name = name, .partition_index = 0};
      break;
    }
    const cluster::topic* topic = image->find_topic(name);
    if (topic == nullptr) {
      out.topics.push_back(refused(name, cluster::validate_topic_name(name)
                                             ? error_code::unknown_topic_or_partition
                                             : error_code::invalid_topic_exception));
      continue;
    }
    const bool is_cursor = message.cursor && message.cursor->topic_name == name;
    const auto end = static_cast<std::int32_t>(topic->partitions.size());
    std::int32_t index = is_cursor ? std::min(message.cursor->partition_index, end) : 0;
    auto& entry = out.topics.emplace_back(heading(*topic));
    for (; index < end && room > 0; ++index, --room) {
      entry.partitions.push_back(shown(*image, *topic, index, request.connection->listener_name));
    }
    if (index < end) {
      out.next_cursor = {.topic_name = topic->name, .partition_index = index};
      break;
    }
  }
  return {std::move(out), image};
}

}  // namespace barnabas::broker::handlers
