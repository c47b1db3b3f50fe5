// Keeps a token of a token_endpoint for all connections of one client: fetches it when the first
// one asks, and again in the background when four fifths of its life have passed (as
// sasl.login.refresh.window.factor has it, and librdkafka does). While the old one lives a failure
// to get the next is logged once and tried again. Lives on the client's shard; its tasks
// run in the client's group.
#pragma once

#include "client/token_endpoint.h"
#include "rpc/backoff.h"
#include "runtime/task_group.h"
#include "runtime/world.h"

namespace barnabas::client {

class token_keeper {
 public:
  token_keeper(runtime::world& world, runtime::task_group& tasks, token_endpoint from);

  // One that has not expired. Else the error of an attempt that ended after this call, or
  // request_timed_out.
  runtime::task<result<security::bearer_token>> token(runtime::steady_time deadline);
  // After the group was stopped: ends a request under way.
  void close();

 private:
  bool is_valid() const;
  runtime::task<> keep_fresh();
  runtime::task<result<issued_token>> fetch();
  // When to fetch again.
  runtime::steady_time take(result<issued_token> fetched);

  token_endpoint from_;
  http::client client_;
  runtime::task_group& tasks_;
  rpc::backoff backoff_;
  security::bearer_token token_;
  runtime::steady_time valid_until_{};
  bool is_running_ = false;
  bool is_refresh_failing_ = false;  // and has been logged
  std::uint64_t attempts_ = 0;       // that have ended
  error last_error_;
  runtime::condition attempt_ended_;
};

}  // namespace barnabas::client
