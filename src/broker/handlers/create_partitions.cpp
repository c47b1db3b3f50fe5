#include "broker/handlers/create_partitions.h"

#include <set>

#include "broker/handlers/mutation_limit.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::create_partitions_request;
using protocol::create_partitions_response;

constexpr std::int16_t first_strict_version = 3;

std::vector<cluster::more_partitions> wanted_changes(const create_partitions_request& message) {
  std::vector<cluster::more_partitions> wanted;
  for (const auto& topic : message.topics) {
    auto& one = wanted.emplace_back(
        cluster::more_partitions{.topic = std::string(topic.name), .count = topic.count});
    if (topic.assignments) {
      one.assignments.emplace();
      for (const auto& assignment : *topic.assignments) {
        one.assignments->push_back(assignment.broker_ids);
      }
    }
  }
  return wanted;
}

}  // namespace

runtime::task<owned_response<create_partitions_response>> create_partitions(
    metadata_services services, const request& request, create_partitions_request message) {
  const auto keeps = std::make_shared<response_texts>();
  const bool validate_only = message.validate_only;
  const auto deadline = deadline_after(message.timeout_ms);
  const auto outcomes = co_await ask_within_limit(
      services, request, first_strict_version,
      [wanted = wanted_changes(message), validate_only, deadline](cluster::controller& controller,
                                                                  cluster::mutation_gate gate) {
        return controller.create_partitions(wanted, validate_only, deadline, std::move(gate));
      });
  create_partitions_response out;
  std::set<std::string_view> named;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!named.insert(message.topics[i].name).second) {
      continue;  // was refused already, once for all times
    }
    auto& one = out.results.emplace_back();
    one.name = message.topics[i].name;
    if (!outcomes[i]) {
      one.error_code = outcomes[i].error().code;
      one.error_message = keeps->keep(outcomes[i].error().message);
    }
  }
  co_return owned_response<create_partitions_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
