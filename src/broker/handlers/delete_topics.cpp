#include "broker/handlers/delete_topics.h"

#include <map>

#include "broker/handlers/mutation_limit.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::delete_topics_request;
using protocol::delete_topics_response;
using topic_result = protocol::delete_topics_response_deletable_topic_result;

constexpr std::int16_t first_strict_version = 5;

// Entries that can be answered at once have an error; the others go to the controller.
std::vector<topic_result> asked_topics(const delete_topics_request& message) {
  std::vector<topic_result> all;
  for (const std::string_view name : message.topic_names) {
    all.emplace_back().name = name;
  }
  for (const auto& topic : message.topics) {
    topic_result& one = all.emplace_back();
    one.name = topic.name;
    one.topic_id = topic.topic_id;
    if (topic.name.has_value() != topic.topic_id.is_zero()) {
      one.error_code = error_code::invalid_request;
      one.error_message = "give either a topic's name or its id";
    }
  }
  for (topic_result& one : all) {
    if (one.name && one.name->empty()) {
      one.error_code = error_code::unknown_topic_or_partition;
      one.error_message = "a topic has a name";
    }
  }
  return all;
}

// A topic that is named more than once, by name or by id, is answered once and not deleted.
std::vector<topic_result> without_repeated(const std::vector<topic_result>& all,
                                           const cluster::image& image) {
  std::vector<topic_result> kept;
  std::map<std::pair<std::string_view, uuid>, std::size_t> first;
  for (const topic_result& one : all) {
    const auto known = one.name ? image.topics.find(*one.name) : image.topics.find(one.topic_id);
    const auto key = known ? std::pair(std::string_view(known->name), uuid())
                           : std::pair(one.name.value_or(""), one.topic_id);
    if (one.error_code != error_code::none || first.emplace(key, kept.size()).second) {
      kept.push_back(one);
      continue;
    }
    topic_result& before = kept[first[key]];
    before.error_code = error_code::invalid_request;
    before.error_message = "this topic is named more than once in this request";
    before.name = before.name ? before.name : one.name;
    before.topic_id = before.topic_id.is_zero() ? one.topic_id : before.topic_id;
  }
  return kept;
}

error_code code_for(error_code code, std::int16_t version) {
  return code == error_code::topic_deletion_disabled && version < 3 ? error_code::invalid_request
                                                                    : code;
}

}  // namespace

runtime::task<owned_response<delete_topics_response>> delete_topics(metadata_services services,
                                                                    const request& request,
                                                                    delete_topics_request message) {
  const auto keeps = std::make_shared<response_texts>();
  delete_topics_response out;
  out.responses = without_repeated(asked_topics(message), *services.images.current());
  std::vector<cluster::topic_to_delete> doomed;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < out.responses.size(); ++i) {
    if (out.responses[i].error_code == error_code::none) {
      doomed.push_back(
          {std::string(out.responses[i].name.value_or("")), out.responses[i].topic_id});
      owners.push_back(i);
    }
  }
  const auto deadline = deadline_after(message.timeout_ms);
  const auto outcomes = co_await ask_within_limit(
      services, request, first_strict_version,
      [doomed = std::move(doomed), deadline](cluster::controller& controller,
                                             cluster::mutation_gate gate) {
        return controller.delete_topics(doomed, deadline, std::move(gate));
      });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    topic_result& one = out.responses[owners[i]];
    if (outcomes[i]) {
      keeps->keep(*outcomes[i]);
      one.name = (*outcomes[i])->name;
      one.topic_id = (*outcomes[i])->id;
    } else {
      one.error_code = code_for(outcomes[i].error().code, request.version);
      one.error_message = keeps->keep(outcomes[i].error().message);
    }
  }
  co_return owned_response<delete_topics_response>{std::move(out), keeps};
}

runtime::task<owned_response<delete_topics_response>> delete_topics_and_offsets(
    metadata_services services, group_services groups, const request& request,
    delete_topics_request message) {
  auto response = co_await delete_topics(services, request, std::move(message));
  std::vector<std::string> deleted;
  for (const topic_result& each : response.message.responses) {
    if (each.error_code == error_code::none) {
      deleted.emplace_back(*each.name);
    }
  }
  if (!deleted.empty()) {
    co_await groups.groups.for_all<bool>(
        [deleted = std::move(deleted)](group::machine& machine, group_moment now,
                                       group_effects& out, group_reply<bool> to) {
          machine.topics_deleted(deleted, now, out, std::move(to));
        },
        until_written(groups));
  }
  co_return response;
}

}  // namespace barnabas::broker::handlers
