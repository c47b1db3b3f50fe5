#include "cluster/detail/topic_plans.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/detail/replica_assignment.h"
#include "cluster/detail/setting_rules.h"
#include "cluster/topic_names.h"

namespace barnabas::cluster::detail {
namespace {

std::vector<std::int32_t> live_brokers(const image& image) {
  std::vector<std::int32_t> ids;
  for (const auto& [id, broker] : *image.brokers) {
    ids.push_back(id);
  }
  return ids;
}

result<> check_count(std::int64_t partitions) {
  if (partitions < 1 || partitions > most_partitions) {
    return fail(error_code::invalid_partitions,
                fmt::format("{} partitions: a topic has 1 to {}", partitions, most_partitions));
  }
  return {};
}

result<> check_free_name(const image& image, const std::string& name) {
  if (auto valid = validate_topic_name(name); !valid) {
    return valid;
  }
  if (name == "__cluster_metadata") {  // KRaft's log, which no log directory takes for a topic
    return fail(error_code::invalid_request, "the topic __cluster_metadata is KRaft's");
  }
  if (image.find_topic(name)) {
    return fail(error_code::topic_already_exists, fmt::format("topic '{}' exists already", name));
  }
  if (const topic_ptr& other = image.topics.find_colliding(name)) {
    return fail(
        error_code::invalid_topic_exception,
        fmt::format("topic '{}' collides with '{}': '.' and '_' are the same in names of metrics",
                    name, other->name));
  }
  return {};
}

result<replica_lists> assigned_replicas(const image& image, const new_topic& wanted) {
  if (wanted.partitions != -1 || wanted.replication_factor != -1) {
    return fail(error_code::invalid_request,
                "give either assignments, or the numbers of partitions and replicas, not both");
  }
  replica_lists lists;
  for (const auto& [index, replicas] : wanted.assignments) {
    if (index != static_cast<std::int64_t>(lists.size())) {
      return fail(
          error_code::invalid_replica_assignment,
          fmt::format("partitions are numbered from 0 without a gap: {} is missing", lists.size()));
    }
    lists.push_back(replicas);
  }
  if (auto valid = check_replicas(lists, image); !valid) {
    return std::unexpected(valid.error());
  }
  return lists;
}

result<replica_lists> replicas_for(const image& image, const new_topic& wanted,
                                   const topic_defaults& defaults, std::uint64_t random) {
  if (!wanted.assignments.empty()) {
    return assigned_replicas(image, wanted);
  }
  const std::int32_t count = wanted.partitions == -1 ? defaults.partitions : wanted.partitions;
  if (auto valid = check_count(count); !valid) {
    return std::unexpected(valid.error());
  }
  const std::int16_t factor =
      wanted.replication_factor == -1 ? defaults.replication_factor : wanted.replication_factor;
  return spread_replicas(live_brokers(image), count, factor, random, 0);
}

result<overrides> overrides_of(const new_topic& wanted) {
  overrides config;
  for (const auto& [key, value] : wanted.configs) {
    if (!value) {
      return fail(error_code::invalid_config, fmt::format("{} has no value", key));
    }
    config[key] = *value;
  }
  if (auto valid = validate_topic_overrides(config); !valid) {
    return std::unexpected(valid.error());
  }
  return config;
}

}  // namespace

partition new_partition(const broker_ids& replicas, const image& image,
                        std::int32_t controller_epoch) {
  std::vector<std::int32_t> live;
  std::ranges::copy_if(replicas.view(), std::back_inserter(live),
                       [&](std::int32_t id) { return image.find_broker(id); });
  return {.replicas = replicas,
          .isr = broker_ids(live),
          .leader = live.empty() ? no_leader : live.front(),
          .leader_epoch = 0,
          .partition_epoch = 0,
          .controller_epoch = controller_epoch};
}

result<> check_partitions_at_once(std::int64_t partitions) {
  if (partitions > most_partitions_at_once) {
    return fail(error_code::policy_violation,
                fmt::format("{} new partitions: one request makes at most {}", partitions,
                            most_partitions_at_once));
  }
  return {};
}

std::int64_t asked_partitions(const new_topic& wanted, const topic_defaults& defaults) {
  if (!wanted.assignments.empty()) {
    return static_cast<std::int64_t>(wanted.assignments.size());
  }
  return wanted.partitions == -1 ? defaults.partitions : std::max(wanted.partitions, 0);
}

std::int64_t asked_partitions(const image& image, const more_partitions& wanted) {
  const topic* now = image.find_topic(wanted.topic);
  const std::int64_t has = now != nullptr ? static_cast<std::int64_t>(now->partitions.size()) : 0;
  return now != nullptr ? std::max<std::int64_t>(wanted.count - has, 0) : 0;
}

result<topic> plan_topic(const image& image, const new_topic& wanted,
                         const topic_defaults& defaults, uuid id, std::uint64_t random) {
  if (auto free = check_free_name(image, wanted.name); !free) {
    return std::unexpected(free.error());
  }
  auto replicas = replicas_for(image, wanted, defaults, random);
  if (!replicas) {
    return std::unexpected(std::move(replicas.error()));
  }
  auto config = overrides_of(wanted);
  if (!config) {
    return std::unexpected(std::move(config.error()));
  }
  topic planned{.name = wanted.name, .id = id, .config = std::move(*config)};
  planned.partitions.reserve(replicas->size());
  for (const auto& list : *replicas) {
    planned.partitions.push_back(new_partition(broker_ids(list), image, defaults.controller_epoch));
  }
  return planned;
}

result<topic> plan_more_partitions(const image& image, const more_partitions& wanted,
                                   std::int32_t controller_epoch, std::uint64_t random) {
  const topic* now = image.find_topic(wanted.topic);
  if (!now) {
    return fail(error_code::unknown_topic_or_partition,
                fmt::format("there is no topic '{}'", wanted.topic));
  }
  if (!now->reassignments.empty()) {
    return fail(error_code::reassignment_in_progress,
                fmt::format("topic '{}' is being reassigned", wanted.topic));
  }
  const auto has = static_cast<std::int32_t>(now->partitions.size());
  if (wanted.count <= has) {
    return fail(error_code::invalid_partitions,
                fmt::format("topic '{}' has {} partitions; {} is not more", wanted.topic, has,
                            wanted.count));
  }
  if (auto valid = check_count(wanted.count); !valid) {
    return std::unexpected(valid.error());
  }
  const auto factor = static_cast<std::int32_t>(now->partitions.front().replicas.size());
  result<replica_lists> replicas = wanted.assignments.value_or(replica_lists());
  if (!wanted.assignments) {
    replicas = spread_replicas(live_brokers(image), wanted.count - has, factor, random, has);
  } else if (static_cast<std::int32_t>(replicas->size()) != wanted.count - has) {
    replicas = fail(error_code::invalid_replica_assignment,
                    fmt::format("{} new partitions need as many assignments, not {}",
                                wanted.count - has, replicas->size()));
  } else if (static_cast<std::int32_t>(replicas->front().size()) != factor) {
    replicas = fail(error_code::invalid_replica_assignment,
                    fmt::format("topic '{}' has {} replicas a partition", wanted.topic, factor));
  } else if (auto valid = check_replicas(*replicas, image); !valid) {
    replicas = std::unexpected(valid.error());
  }
  if (!replicas) {
    return std::unexpected(std::move(replicas.error()));
  }
  topic planned = *now;
  for (const auto& list : *replicas) {
    planned.partitions.push_back(new_partition(broker_ids(list), image, controller_epoch));
  }
  return planned;
}

result<topic_ptr> find_to_delete(const image& image, const topic_to_delete& wanted,
                                 bool is_deletion_enabled) {
  const topic_ptr& found =
      wanted.name.empty() ? image.topics.find(wanted.id) : image.topics.find(wanted.name);
  if (!found && wanted.name.empty()) {
    return fail(error_code::unknown_topic_id,
                fmt::format("there is no topic with id {}", wanted.id.to_string()));
  }
  if (!found) {
    return fail(error_code::unknown_topic_or_partition,
                fmt::format("there is no topic '{}'", wanted.name));
  }
  if (!is_deletion_enabled) {
    return fail(error_code::topic_deletion_disabled, "delete.topic.enable is false");
  }
  return found;
}

result<topic> plan_found_topic(const image& image, const found_topic& found, std::int32_t broker_id,
                               std::int32_t controller_epoch) {
  if (auto free = check_free_name(image, found.name); !free) {
    return std::unexpected(free.error());
  }
  if (image.find_topic(found.id)) {
    return fail(error_code::inconsistent_topic_id,
                fmt::format("topic '{}': its id {} belongs to topic '{}'", found.name,
                            found.id.to_string(), image.find_topic(found.id)->name));
  }
  if (found.leader_epochs.empty() || found.leader_epochs.begin()->first < 0) {
    return fail(error_code::invalid_partitions,
                fmt::format("topic '{}': bad numbers of partitions", found.name));
  }
  const std::int64_t count = std::int64_t{found.leader_epochs.rbegin()->first} + 1;
  if (auto valid = check_count(count); !valid) {
    return fail(std::move(valid.error()), fmt::format("topic '{}': ", found.name));
  }
  topic planned{.name = found.name, .id = found.id};
  const broker_ids here = {broker_id};
  planned.partitions.resize(
      static_cast<std::size_t>(count),
      {.replicas = here, .isr = here, .leader = broker_id, .controller_epoch = controller_epoch});
  for (const auto& [index, epoch] : found.leader_epochs) {
    planned.partitions[index].leader_epoch = epoch;
  }
  return planned;
}

}  // namespace barnabas::cluster::detail
