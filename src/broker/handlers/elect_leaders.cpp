#include "broker/handlers/elect_leaders.h"

#include <map>
#include <set>

namespace barnabas::broker::handlers {
namespace {

using protocol::elect_leaders_request;
using protocol::elect_leaders_response;

constexpr std::int8_t unclean_election = 1;

// A partition that is named twice is asked for once.
std::vector<topic_partition> asked_partitions(const elect_leaders_request& message,
                                              const cluster::image& image) {
  std::set<topic_partition> asked;
  if (message.topic_partitions) {
    for (const auto& topic : *message.topic_partitions) {
      for (const std::int32_t index : topic.partitions) {
        asked.insert({std::string(topic.topic), index});
      }
    }
    return {asked.begin(), asked.end()};
  }
  for (const cluster::topic_ptr& topic : image.topics.all()) {
    for (std::size_t index = 0; index < topic->partitions.size(); ++index) {
      asked.insert({topic->name, static_cast<std::int32_t>(index)});
    }
  }
  return {asked.begin(), asked.end()};
}

}  // namespace

runtime::task<owned_response<elect_leaders_response>> elect_leaders(metadata_services services,
                                                                    elect_leaders_request message) {
  const auto keeps = std::make_shared<response_texts>();
  elect_leaders_response out;
  if (message.election_type < 0 || message.election_type > unclean_election) {
    out.error_code = error_code::invalid_request;
    co_return owned_response<elect_leaders_response>{std::move(out), keeps};
  }
  const auto asked = asked_partitions(message, *services.images.current());
  const bool is_unclean = message.election_type == unclean_election;
  const auto deadline = deadline_after(message.timeout_ms);
  const auto outcomes = co_await ask_controller(
      services, [&asked, is_unclean, deadline](cluster::controller& controller) {
        return controller.elect_leaders(asked, is_unclean, deadline);
      });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const error_code code = outcomes[i] ? error_code::none : outcomes[i].error().code;
    if (!message.topic_partitions && code == error_code::election_not_needed) {
      continue;
    }
    if (out.replica_election_results.empty() ||
        out.replica_election_results.back().topic != asked[i].topic) {
      out.replica_election_results.emplace_back().topic = keeps->keep(asked[i].topic);
    }
    auto& one = out.replica_election_results.back().partition_result.emplace_back();
    one.partition_id = asked[i].partition;
    one.error_code = code;
    one.error_message =
        outcomes[i] ? std::nullopt : std::optional(keeps->keep(outcomes[i].error().message));
  }
  co_return owned_response<elect_leaders_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
