// The way to the controller for requests that create or delete partitions: within the client's
// controller_mutation_rate (KIP-599), which shard 0 counts in the hop that is made anyway.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

#include "broker/handlers/metadata_services.h"
#include "broker/quota/request_quota.h"
#include "broker/request.h"

namespace barnabas::broker::handlers {

// For requests that are only delayed in every version.
inline constexpr std::int16_t never_strict = std::numeric_limits<std::int16_t>::max();

namespace detail {

// On shard 0: the answers of `ask`, and how long the client must wait.
template <class Answers, class Ask>
runtime::task<std::pair<Answers, std::chrono::milliseconds>> ask_counted(
    client_quotas& quotas, mutation_quota::client client, cluster::controller& controller,
    Ask ask) {
  // The change may go on when its deadline has passed.
  const auto delay = std::make_shared<std::chrono::milliseconds>(0);
  auto answers = co_await ask(controller, [&quotas, client, delay](std::int64_t partitions) {
    return quotas.mutations().take(*quotas.current(), client, partitions, *delay);
  });
  co_return std::pair(std::move(answers), *delay);
}

}  // namespace detail

// Runs `ask`, a function from the controller and a gate to a task, on the controller's shard. From
// `first_strict_version` on what is above the limit is refused; older clients are only delayed.
template <class Ask>
auto ask_within_limit(metadata_services services, const request& request,
                      std::int16_t first_strict_version, Ask ask)
    -> std::invoke_result_t<Ask&, cluster::controller&, cluster::mutation_gate> {
  if (request.quota == nullptr || !request.quota->are_mutations_limited()) {
    co_return co_await ask_controller(services, [ask](cluster::controller& controller) {
      return ask(controller, cluster::mutation_gate());
    });
  }
  using answers =
      std::invoke_result_t<Ask&, cluster::controller&, cluster::mutation_gate>::value_type;
  const mutation_quota::client client{request.connection->principal, std::string(request.client_id),
                                      request.version >= first_strict_version};
  auto counted = co_await ask_controller(
      services, [&quotas = *services.quotas, client, ask](cluster::controller& controller) {
        return detail::ask_counted<answers>(quotas, client, controller, ask);
      });
  request.quota->delay_for(counted.second);
  co_return std::move(counted.first);
}

}  // namespace barnabas::broker::handlers
