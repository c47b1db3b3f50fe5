#include "broker/handlers/metadata.h"

#include <unordered_set>

#include "broker/handlers/metadata_partitions.h"
#include "broker/handlers/mutation_limit.h"
#include "broker/internal_topics.h"
#include "broker/setting_reader.h"
#include "cluster/topic_names.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::metadata_response;

constexpr std::int32_t creation_timeout_ms = 5'000;

// A topic of the request: what to show, or why not.
struct answer {
  std::string_view name;  // in the request's frame, or in the image
  uuid id;
  error_code problem = error_code::none;
};

// Shows topics of one image for one request.
class view {
 public:
  view(cluster::image_ptr image, const request& request, const protocol::metadata_request& message)
      : image_(std::move(image)), request_(request), message_(message) {}

  metadata_response::topic show(const cluster::topic& topic) const {
    metadata_response::topic out;
    out.name = topic.name;
    out.topic_id = topic.id;
    out.is_internal = cluster::is_internal_topic(topic.name);
    out.partitions.reserve(topic.partitions.size());
    for (std::size_t index = 0; index < topic.partitions.size(); ++index) {
      out.partitions.push_back(show(topic.partitions[index], static_cast<std::int32_t>(index)));
    }
    if (message_.include_topic_authorized_operations) {
      out.topic_authorized_operations = all_topic_operations;
    }
    return out;
  }

  metadata_response::topic show(const answer& answer) const {
    if (answer.problem == error_code::none) {
      const cluster::topic* found =
          answer.name.empty() ? image_->find_topic(answer.id) : image_->find_topic(answer.name);
      if (found != nullptr) {
        return show(*found);
      }
    }
    metadata_response::topic out;
    out.error_code = answer.problem;
    if (answer.problem == error_code::none) {
      out.error_code = answer.name.empty() ? error_code::unknown_topic_id
                                           : error_code::unknown_topic_or_partition;
    }
    out.name = answer.name;
    if (answer.name.empty() && !answer.id.is_zero() && request_.version >= 12) {
      out.name = std::nullopt;
    }
    out.topic_id = answer.id;
    out.is_internal = cluster::is_internal_topic(answer.name);
    return out;
  }

  metadata_response frame() const {
    metadata_response out;
    for (const auto& [id, broker] : *image_->brokers) {
      if (const auto* endpoint = broker.endpoint(request_.connection->listener_name)) {
        out.brokers.push_back(
            {.node_id = id, .host = endpoint->host, .port = endpoint->port, .rack = broker.rack});
      }
    }
    out.cluster_id = image_->cluster_id;
    out.controller_id = image_->controller_id;
    if (message_.include_cluster_authorized_operations) {
      out.cluster_authorized_operations = all_cluster_operations;
    }
    return out;
  }

  const cluster::image_ptr& image() const { return image_; }

 private:
  metadata_response::partition show(const cluster::partition& partition, std::int32_t index) const {
    metadata_response::partition out;
    fill_partition(out, *image_, partition, index, request_.connection->listener_name);
    if (out.error_code == error_code::listener_not_found && request_.version < 6) {
      out.error_code = error_code::leader_not_available;
    }
    if (request_.version == 0 && !out.offline_replicas.empty()) {
      show_live_replicas_only(out);
    }
    return out;
  }

  // Version 0 has no field for replicas that are away.
  static void show_live_replicas_only(metadata_response::partition& out) {
    const auto is_away = [&](std::int32_t id) {
      return std::ranges::find(out.offline_replicas, id) != out.offline_replicas.end();
    };
    std::erase_if(out.replica_nodes, is_away);
    std::erase_if(out.isr_nodes, is_away);
    if (out.error_code == error_code::none) {
      out.error_code = error_code::replica_not_available;
    }
  }

  cluster::image_ptr image_;
  const request& request_;
  const protocol::metadata_request& message_;
};

bool asks_for_all(const request& request, const protocol::metadata_request& message) {
  return !message.topics || (request.version == 0 && message.topics->empty());
}

// Each topic once, in the order of the request.
std::vector<answer> asked_topics(const request& request,
                                 const protocol::metadata_request& message) {
  std::vector<answer> asked;
  std::unordered_set<std::string_view> names;
  std::unordered_set<uuid> ids;
  for (const auto& topic : *message.topics) {
    const std::string_view name = topic.name.value_or("");
    answer one{.name = name, .id = topic.topic_id};
    if (request.version < 12 && (!topic.name || !topic.topic_id.is_zero())) {
      one.problem = error_code::invalid_request;
    } else if (!topic.topic_id.is_zero()) {
      one.name = "";
    } else if (!topic.name) {
      one.problem = error_code::invalid_request;
    }
    const bool is_first = one.name.empty() ? ids.insert(one.id).second : names.insert(name).second;
    if (is_first) {
      asked.push_back(one);
    }
  }
  return asked;
}

bool may_create(const server_config& config, const protocol::metadata_request& message) {
  const setting_reader in(broker_settings{.given = &config.values});
  return message.allow_auto_topic_creation && in.is_on("auto.create.topics.enable");
}

error_code creation_problem(const result<cluster::created_topic>& outcome) {
  if (outcome || outcome.error().code == error_code::topic_already_exists) {
    return error_code::none;
  }
  return outcome.error().code == error_code::request_timed_out ? error_code::leader_not_available
                                                               : outcome.error().code;
}

// Creates topics that are not there, and notes what is wrong with the others. `asked` belongs to
// the caller's frame.
runtime::task<> create_missing(metadata_services services, const request& request, bool is_allowed,
                               std::vector<answer>& asked) {
  const cluster::image_ptr image = services.images.current();
  std::vector<cluster::new_topic> missing;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    answer& one = asked[i];
    if (one.problem != error_code::none || !one.id.is_zero() ||
        image->find_topic(one.name) != nullptr) {
      continue;
    }
    if (!cluster::validate_topic_name(one.name)) {
      one.problem = error_code::invalid_topic_exception;
    } else if (!is_allowed ||
               (cluster::is_internal_topic(one.name) && one.name != offsets_topic_name)) {
      one.problem = error_code::unknown_topic_or_partition;
    } else {
      missing.push_back(one.name == offsets_topic_name
                            ? offsets_topic(services.config, *image)
                            : cluster::new_topic{.name = std::string(one.name)});
      owners.push_back(i);
    }
  }
  if (missing.empty()) {
    co_return;
  }
  const auto deadline = deadline_after(creation_timeout_ms);
  const auto outcomes = co_await ask_within_limit(
      services, request, never_strict,
      [missing, deadline](cluster::controller& controller, cluster::mutation_gate gate) {
        return controller.create_topics(missing, false, deadline, std::move(gate));
      });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    asked[owners[i]].problem = creation_problem(outcomes[i]);
  }
}

}  // namespace

runtime::task<owned_response<metadata_response>> metadata(metadata_services services,
                                                          const request& request,
                                                          protocol::metadata_request message) {
  if (asks_for_all(request, message)) {
    const view all(services.images.current(), request, message);
    metadata_response out = all.frame();
    for (const cluster::topic_ptr& topic : all.image()->topics.all()) {
      out.topics.push_back(all.show(*topic));
    }
    co_return owned_response<metadata_response>{std::move(out), all.image()};
  }
  std::vector<answer> asked = asked_topics(request, message);
  co_await create_missing(services, request, may_create(services.config, message), asked);
  const view some(services.images.current(), request, message);
  metadata_response out = some.frame();
  for (const answer& one : asked) {
    out.topics.push_back(some.show(one));
  }
  co_return owned_response<metadata_response>{std::move(out), some.image()};
}

}  // namespace barnabas::broker::handlers
