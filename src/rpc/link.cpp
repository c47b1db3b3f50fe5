#include "rpc/link.h"

#include "runtime/shard.h"
#include "security/tls_stream.h"

namespace barnabas::rpc {
namespace {

error client_is_closed() {
  return {error_code::network_exception, "the client is closed"};
}

}  // namespace

link::link(runtime::network& network, runtime::task_group& tasks, runtime::endpoint to,
           const link_settings& settings)
    : network_(network),
      tasks_(tasks),
      to_(std::move(to)),
      settings_(settings),
      backoff_(settings.first_backoff, settings.most_backoff) {
  settings_.connection.is_encrypted = settings_.tls != nullptr;
}

std::shared_ptr<connection> link::current() const {
  return connection_ && connection_->is_open() ? connection_ : nullptr;
}

bool link::is_backing_off() const {
  return current() == nullptr && runtime::shard::current().now() < not_before_;
}

runtime::task<result<std::shared_ptr<connection>>> link::connected(runtime::steady_time deadline) {
  const int attempts_before = attempts_;
  while (!is_closed_) {
    if (auto open = current()) {
      co_return open;
    }
    if (attempts_ != attempts_before) {
      co_return fail(last_error_);
    }
    if (!is_connecting_) {
      is_connecting_ = true;
      tasks_.spawn(connect());
      continue;
    }
    if (!co_await attempt_ended_.wait_until(deadline)) {
      co_return fail(error_code::request_timed_out,
                     "no connection to " + to_.to_string() + " in time" +
                         (last_error_.message.empty() ? "" : ": ") + last_error_.message);
    }
  }
  co_return fail(client_is_closed());
}

runtime::task<> link::connect() {
  runtime::shard& here = runtime::shard::current();
  while (!is_closed_ && here.now() < not_before_) {
    co_await closed_.wait_until(not_before_);
  }
  if (!is_closed_) {
    auto outcome = co_await connect_once();
    opening_.reset();
    if (outcome) {
      connection_ = std::move(*outcome);
      backoff_.succeeded();
    } else {
      last_error_ = std::move(outcome.error());
    }
  }
  // Also after a success: a broker that accepts and closes at once is not asked all the time.
  auto pause = backoff_;
  not_before_ = here.now() + (current() ? pause.next(here.random()) : backoff_.next(here.random()));
  ++attempts_;
  is_connecting_ = false;
  attempt_ended_.notify_all();
}

runtime::task<result<std::shared_ptr<connection>>> link::connect_once() {
  const auto deadline = runtime::shard::current().now() + settings_.setup_timeout;
  auto stream = co_await open_stream(deadline);
  if (!stream) {
    co_return fail(std::move(stream.error()));
  }
  if (is_closed_) {
    co_return fail(client_is_closed());
  }
  opening_ = connection::begin(std::move(*stream), tasks_, settings_.connection);
  if (auto learnt = co_await opening_->learn_versions(deadline); !learnt) {
    co_return fail(std::move(learnt.error()));
  }
  if (settings_.sasl != nullptr) {
    if (auto known = co_await authenticate(opening_, deadline); !known) {
      opening_->end(known.error());
      co_return fail(std::move(known.error()));
    }
  }
  co_return opening_;
}

runtime::task<result<std::unique_ptr<runtime::stream>>> link::open_stream(
    runtime::steady_time deadline) {
  auto stream = co_await network_.connect(to_, deadline, &connecting_);
  if (!stream) {
    co_return fail(error_code::network_exception,
                   "no connection to " + to_.to_string() + ": " + stream.error().message);
  }
  if (settings_.tls == nullptr) {
    co_return stream;
  }
  auto context = co_await settings_.tls->current();
  if (!context) {
    co_return fail(std::move(context.error()));
  }
  if (is_closed_) {
    co_return fail(client_is_closed());
  }
  co_return co_await security::tls_stream::open(std::move(*stream), *context, to_.host, deadline,
                                                &connecting_);
}

runtime::task<result<>> link::authenticate(std::shared_ptr<connection> with,
                                           runtime::steady_time deadline) {
  const auto session = co_await rpc::authenticate(*with, *settings_.sasl, deadline);
  if (!session) {
    co_return fail(session.error());
  }
  tasks_.spawn(
      keep_authenticated(std::move(with), settings_.sasl, *session, settings_.setup_timeout));
  co_return result<>{};
}

void link::close() {
  is_closed_ = true;
  closed_.notify_all();
  connecting_.request();
  for (const auto& each : {connection_, opening_}) {
    if (each) {
      each->end(client_is_closed());
    }
  }
  attempt_ended_.notify_all();
}

}  // namespace barnabas::rpc
