#include "client/call_routing.h"

#include "runtime/shard.h"

namespace barnabas::client {

runtime::task<result<connection_ptr>> connection_for(cluster& cluster, call_route route,
                                                     runtime::steady_time deadline) {
  if (route.target == call_target::one_broker) {
    while (cluster.refreshes() == 0 && cluster.trouble().empty() &&
           co_await cluster.changed().wait_until(deadline)) {
    }
    co_return co_await cluster.connection_to(route.broker, deadline);
  }
  if (route.target == call_target::controller) {
    while (cluster.controller() < 0 && !cluster.tasks().is_stopping()) {
      if (!co_await cluster.changed().wait_until(deadline)) {
        co_return fail(error_code::request_timed_out,
                       "no broker says who the controller is" +
                           (cluster.trouble().empty() ? "" : ": " + cluster.trouble()));
      }
    }
    co_return co_await cluster.connection_to(cluster.controller(), deadline);
  }
  co_return co_await cluster.any_connection(deadline);
}

}  // namespace barnabas::client
