#include "client/token_keeper.h"

#include "base/log.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;
using runtime::task;

// For one attempt, as librdkafka's.
constexpr auto fetch_patience = 20s;
// sasl.login.retry.backoff.ms and sasl.login.retry.backoff.max.ms.
constexpr auto first_backoff = 100ms;
constexpr auto most_backoff = 10s;
constexpr auto least_refresh_interval = 1s;

std::shared_ptr<security::tls_source> tls_for(runtime::world& world, const token_endpoint& from) {
  return from.at.is_secure ? std::make_shared<security::tls_source>(
                                 world.files(), security::tls_role::client, from.tls)
                           : nullptr;
}

}  // namespace

token_keeper::token_keeper(runtime::world& world, runtime::task_group& tasks, token_endpoint from)
    : from_(std::move(from)),
      client_(world.sockets(), tls_for(world, from_)),
      tasks_(tasks),
      backoff_(first_backoff, most_backoff) {}

bool token_keeper::is_valid() const {
  return runtime::shard::current().now() < valid_until_;
}

task<result<security::bearer_token>> token_keeper::token(runtime::steady_time deadline) {
  const std::uint64_t attempts_before = attempts_;
  while (!tasks_.is_stopping()) {
    if (is_valid()) {
      co_return token_;
    }
    if (attempts_ != attempts_before) {
      co_return fail(last_error_);
    }
    if (!is_running_) {
      is_running_ = true;
      tasks_.spawn(keep_fresh());
      continue;
    }
    if (!co_await attempt_ended_.wait_until(deadline)) {
      co_return fail(error_code::request_timed_out, from_.at.text() + ": no token in time");
    }
  }
  co_return fail(error_code::network_exception, "the client is closed");
}

void token_keeper::close() {
  client_.close();
  attempt_ended_.notify_all();
}

// Until there is no token that it could take the place of: then it waits for somebody to ask.
task<> token_keeper::keep_fresh() {
  const runtime::shard& here = runtime::shard::current();
  while (!tasks_.is_stopping()) {
    const auto next = take(co_await fetch());
    if (!is_valid()) {
      break;
    }
    while (!tasks_.is_stopping() && here.now() < next) {
      co_await tasks_.stopped().wait_until(next);
    }
  }
  is_running_ = false;
}

task<result<issued_token>> token_keeper::fetch() {
  const runtime::shard& here = runtime::shard::current();
  const auto answer = co_await client_.post(token_request(from_), here.now() + fetch_patience);
  co_return answer ? read_token(from_, *answer, here.wall_clock_ms())
                   : result<issued_token>(fail(answer.error()));
}

runtime::steady_time token_keeper::take(result<issued_token> fetched) {
  runtime::shard& here = runtime::shard::current();
  runtime::duration pause{};
  if (fetched) {
    token_ = std::move(fetched->token);
    valid_until_ = here.now() + fetched->life;
    backoff_.succeeded();
    is_refresh_failing_ = false;
    pause = std::max<runtime::duration>(fetched->life * 4 / 5, least_refresh_interval);
  } else {
    last_error_ = std::move(fetched.error());
    pause = backoff_.next(here.random());
    if (is_valid() && !std::exchange(is_refresh_failing_, true)) {
      log(log_level::warn, "client", "no new token for OAUTHBEARER; the old one is used meanwhile",
          {field("why", last_error_.message),
           field("expires_in_s", (valid_until_ - here.now()) / 1s)});
    }
  }
  ++attempts_;
  attempt_ended_.notify_all();
  return here.now() + pause;
}

}  // namespace barnabas::client
