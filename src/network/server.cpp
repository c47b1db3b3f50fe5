#include "network/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "network/detail/connection_counts.h"
#include "network/detail/home.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"
#include "security/tls_source.h"

namespace barnabas::network {

struct server::state {
  state(runtime::world& world, std::vector<listener_address> addresses, server_limits limits,
        handler serve, server::gate gate, const tls_by_listener& settings)
      : world(world),
        addresses(std::move(addresses)),
        limits(std::move(limits)),
        serve(std::move(serve)),
        gate(std::move(gate)) {
    for (const auto& [name, each] : settings) {
      tls.try_emplace(name, world.files(), security::tls_role::server, each);
    }
  }

  runtime::world& world;
  std::vector<listener_address> addresses;
  server_limits limits;
  handler serve;
  server::gate gate;
  std::map<std::string, security::tls_source> tls;  // by listener
  int held = 0;  // connections that came too soon and are not closed yet
  detail::connection_counts counts;
  std::vector<std::unique_ptr<detail::home>> homes;           // one a shard
  std::vector<std::unique_ptr<runtime::listener>> listeners;  // as `addresses`
  runtime::condition changed;  // a connection has gone, limits have changed, or the server stops
  bool is_stopping = false;
  runtime::task_group tasks{"server"};  // accepting, sweeping, and one task a connection

  runtime::task<> accept(std::size_t listener);
  runtime::task<> wait_for_room(const std::string& listener);
  runtime::task<> accepted(detail::home& home, std::unique_ptr<runtime::stream> stream,
                           const std::string& listener_name);
  runtime::task<> drop(detail::home& home, std::unique_ptr<runtime::stream> stream);
  runtime::task<> hold(runtime::duration wait);
  runtime::task<> sweep(detail::home& home);
  detail::home& next_home();
};

server::server(runtime::world& world, std::vector<listener_address> addresses, server_limits limits,
               handler serve, gate gate, const tls_by_listener& tls)
    : state_(new state(world, std::move(addresses), std::move(limits), std::move(serve),
                       std::move(gate), tls)) {
  const int shards = world.shard_count();
  const std::int64_t budget = state_->limits.queued_request_bytes;
  for (int i = 0; i < shards; ++i) {
    state_->homes.push_back(std::make_unique<detail::home>(
        world.shard_at(i), state_->limits,
        budget < 0 ? budget : std::max<std::int64_t>(budget / shards, 1), state_->serve,
        state_->homes));
  }
}

server::~server() = default;

const std::vector<listener_address>& server::addresses() const {
  return state_->addresses;
}
std::size_t server::connection_count() const {
  return static_cast<std::size_t>(state_->counts.total());
}

result<> server::listen() {
  for (listener_address& address : state_->addresses) {
    const bool is_served =
        address.protocol == security_protocol::plaintext ||
        (address.protocol == security_protocol::ssl && state_->tls.contains(address.name));
    if (!is_served) {
      return fail(error_code::invalid_config,
                  fmt::format("listener {} asks for {}, which is not served", address.name,
                              protocol_name(address.protocol)));
    }
    auto bound = state_->world.sockets().listen(address.at, state_->limits.backlog);
    if (!bound) {
      return fail(bound.error(), "listening on " + address.to_string() + ": ");
    }
    address.at.port = (*bound)->local().port;
    state_->listeners.push_back(std::move(*bound));
  }
  return {};
}

runtime::task<result<>> server::read_certificates() {
  for (auto& [name, source] : state_->tls) {
    if (const auto made = co_await source.current(); !made) {
      co_return fail(made.error(), "listener " + name + ": ");
    }
  }
  co_return result<>{};
}

void server::set_limits(connection_limits limits) {
  state_->counts.set_limits(std::move(limits));
  state_->changed.notify_all();
}

void server::start() {
  for (std::size_t i = 0; i < state_->listeners.size(); ++i) {
    state_->tasks.spawn(state_->accept(i));
  }
  for (auto& home : state_->homes) {
    state_->tasks.spawn(state_->sweep(*home));
  }
}

runtime::task<> server::state::sweep(detail::home& home) {
  co_await runtime::on_shard(home.shard(), [&home] { return home.sweep(); });
}

detail::home& server::state::next_home() {
  return **std::ranges::min_element(homes, {}, [](const auto& home) { return home->assigned; });
}

runtime::task<> server::state::wait_for_room(const std::string& listener) {
  if (counts.is_full(listener)) {
    log(log_level::warn, "network", "max.connections reached, accepting waits",
        {field("listener", listener), field("connections", counts.total())});
  }
  while (!is_stopping) {
    const auto next =
        counts.is_full(listener) ? runtime::no_deadline : counts.next_allowed(listener);
    if (next <= runtime::shard::current().now()) {
      co_return;
    }
    co_await changed.wait_until(next);
  }
}

runtime::task<> server::state::accept(std::size_t listener) {
  const std::string& name = addresses[listener].name;
  bool is_failing = false;  // one line for a row of failures
  while (!is_stopping) {
    detail::home& home = next_home();
    auto stream = co_await listeners[listener]->accept(home.shard());
    if (is_stopping) {
      co_return;
    }
    if (!stream) {
      if (!is_failing) {
        log(log_level::warn, "network", "cannot accept connections",
            {field("listener", name), field("error", stream.error().message)});
      }
      is_failing = true;
      co_await changed.wait_until(runtime::shard::current().now() + std::chrono::milliseconds(100));
      continue;
    }
    is_failing = false;
    co_await wait_for_room(name);  // the limits may have become lower while nobody came
    counts.note_accepted(name, runtime::shard::current().now());
    tasks.spawn(accepted(home, std::move(*stream), name));
  }
}

// A stream ends on the shard it was made for.
runtime::task<> server::state::drop(detail::home& home, std::unique_ptr<runtime::stream> stream) {
  co_await runtime::on_shard(home.shard(), [it = std::move(stream)]() mutable {
    return [](std::unique_ptr<runtime::stream>) -> runtime::task<> { co_return; }(std::move(it));
  });
}

// Not for more connections than a process has files for.
runtime::task<> server::state::hold(runtime::duration wait) {
  constexpr int most_held = 256;
  if (held >= most_held) {
    co_return;
  }
  ++held;
  const runtime::steady_time end = runtime::shard::current().now() + wait;
  while (!is_stopping && runtime::shard::current().now() < end) {
    co_await changed.wait_until(end);
  }
  --held;
}

runtime::task<> server::state::accepted(detail::home& home, std::unique_ptr<runtime::stream> stream,
                                        const std::string& listener_name) {
  const std::string address = stream->peer().host;
  if (!counts.allows(address)) {
    log(log_level::info, "network", "refused connection",
        {field("peer", stream->peer().to_string()), field("listener", listener_name),
         field("reason", "max.connections.per.ip reached")});
    co_await drop(home, std::move(stream));
    co_return;
  }
  if (const runtime::duration wait = gate ? gate(address) : runtime::duration();
      wait > runtime::duration()) {
    co_await hold(wait);
    co_await drop(home, std::move(stream));
    co_return;
  }
  runtime::shard& here = runtime::shard::current();
  counts.add(address, listener_name);
  ++home.assigned;
  std::optional<security::tls_context> context;
  if (const auto source = tls.find(listener_name); source != tls.end()) {
    context = *co_await source->second.current();  // there has been one since the start
  }
  co_await runtime::on_shard(home.shard(),
                             [&home, &listener_name, &context, it = std::move(stream)]() mutable {
                               return home.serve(std::move(it), listener_name, std::move(context));
                             });
  if (&runtime::shard::current() != &here) {  // the connection was this shard's, and moved away
    co_await runtime::move_to(here);
  }
  --home.assigned;
  counts.remove(address, listener_name);
  changed.notify_all();
}

runtime::task<> server::stop(runtime::duration patience) {
  state& self = *state_;
  self.is_stopping = true;
  self.changed.notify_all();
  for (auto& listener : self.listeners) {
    listener->close();
  }
  for (auto& home : self.homes) {
    co_await runtime::on_shard(home->shard(), [&home] { return home->stop(); });
  }
  const runtime::steady_time deadline = runtime::shard::current().now() + patience;
  while (self.counts.total() != 0 && co_await self.changed.wait_until(deadline)) {
  }
  for (auto& home : self.homes) {
    co_await runtime::on_shard(home->shard(), [&home] { return home->close_all(); });
  }
  co_await self.tasks.join();
}

}  // namespace barnabas::network
