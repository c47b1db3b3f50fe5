// Where a call of the admin client goes, and when it goes again: to any broker,
// to a broker by its id, or to the controller, until the deadline. One row of
// administration.cpp a call; what each asks and how it reads the answer is the
// row's own.
#pragma once

#include "client/cluster.h"

namespace barnabas::client {

enum class call_target : std::uint8_t { any_broker, controller, one_broker };

struct call_route {
  call_target target = call_target::any_broker;
  std::int32_t broker = -1;  // of one_broker
};

runtime::task<result<connection_ptr>> connection_for(cluster& cluster, call_route route,
                                                     runtime::steady_time deadline);

// `retry` looks at an answer and says with which error the whole call is to be
// repeated; none when it is not.
template <class Response, class Request, class Retry>
runtime::task<result<rpc::answer<Response>>> routed_call(
    cluster& cluster, call_route route, Request question, Retry retry,
    runtime::steady_time deadline, std::int16_t highest = Request::highest_version) {
  runtime::shard& here = runtime::shard::current();
  rpc::backoff pause(cluster.settings().first_retry_backoff, cluster.settings().most_retry_backoff);
  for (;;) {
    error why;
    auto connection = co_await connection_for(cluster, route, deadline);
    if (connection) {
      auto answer = co_await (*connection)->template call<Response>(question, deadline, highest);
      if (answer) {
        const error_code code = retry(answer->message);
        if (code == error_code::none || here.now() >= deadline) {
          co_return std::move(*answer);
        }
        why = {code, std::string(error_name(code))};
      } else {
        why = answer.error();
      }
    } else {
      why = connection.error();
    }
    const auto until = here.now() + pause.next(here.random());
    if (!is_retriable(why.code) || until >= deadline || cluster.tasks().is_stopping()) {
      co_return fail(std::move(why));
    }
    cluster.refresh_soon();
    co_await cluster.changed().wait_until(until);
  }
}

}  // namespace barnabas::client
