#include "network/detail/home.h"

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "runtime/time.h"

namespace barnabas::network::detail {
namespace {

constexpr auto handshake_patience = std::chrono::seconds(30);

}  // namespace

// Stands in the list of its home as long as it lives, but for its way to another.
struct home::member final : connection {
  member(home& home, std::unique_ptr<runtime::stream> stream, const std::string& listener_name,
         std::string peer_name)
      : connection(std::move(stream), listener_name, home.limits_, home.budget_,
                   std::move(peer_name)) {
    enter(home);
  }
  ~member() override { leave(); }

  runtime::task<> move_to(int shard) override {
    home& target = *owner->all_[static_cast<std::size_t>(shard)];
    leave();
    leave_for(target.shard_);
    co_await runtime::move_to(target.shard_);
    enter(target);
    arrived(target.budget_);
    if (target.is_stopping_) {
      stop();
    }
  }

  void enter(home& home) {
    owner = &home;
    previous = nullptr;
    next = home.first_;
    if (next != nullptr) {
      next->previous = this;
    }
    home.first_ = this;
  }
  void leave() {
    if (owner == nullptr) {
      return;
    }
    (previous != nullptr ? previous->next : owner->first_) = next;
    if (next != nullptr) {
      next->previous = previous;
    }
    owner = nullptr;
  }

  home* owner = nullptr;
  member* next = nullptr;
  member* previous = nullptr;
};

runtime::task<std::unique_ptr<security::tls_stream>> home::shake_hands(
    std::unique_ptr<runtime::stream> stream, const security::tls_context& tls,
    const std::string& listener_name) {
  runtime::duration patience = handshake_patience;
  if (limits_.idle_time.count() >= 0) {
    patience = std::min<runtime::duration>(patience, limits_.idle_time);
  }
  runtime::stream* const below = stream.get();
  shaking_hands_.insert(below);
  auto made =
      co_await security::tls_stream::open(std::move(stream), tls, "", shard_.now() + patience);
  shaking_hands_.erase(below);
  if (!made) {
    log(log_level::info, "network", "closed connection",
        {field("listener", listener_name), field("reason", made.error().message)});
  }
  co_return made ? std::move(*made) : nullptr;
}

runtime::task<> home::serve(std::unique_ptr<runtime::stream> stream,
                            const std::string& listener_name,
                            std::optional<security::tls_context> tls) {
  if (is_stopping_) {
    co_return;
  }
  std::string peer_name;
  if (tls) {
    auto secured = co_await shake_hands(std::move(stream), *tls, listener_name);
    if (!secured || is_stopping_) {
      co_return;
    }
    peer_name = secured->peer_name();
    stream = std::move(secured);
  }
  member self(*this, std::move(stream), listener_name, std::move(peer_name));
  try {
    co_await serve_(self);
  } catch (const std::exception& exception) {
    self.close_for(exception.what());
  }
  self.close();
}

runtime::task<> home::sweep() {
  if (limits_.idle_time.count() < 0) {
    co_return;
  }
  const runtime::duration interval = std::clamp<runtime::duration>(
      limits_.idle_time / 16, std::chrono::milliseconds(10), std::chrono::minutes(1));
  while (!is_stopping_) {
    co_await stopped_.wait_until(shard_.now() + interval);
    const runtime::steady_time limit = shard_.now() - limits_.idle_time;
    for (member* at = first_; at != nullptr && !is_stopping_;) {
      member* next = at->next;
      at->close_if_idle_since(limit);
      at = next;
    }
  }
}

runtime::task<> home::stop() {
  is_stopping_ = true;
  stopped_.notify_all();
  for (runtime::stream* const each : shaking_hands_) {
    each->close();
  }
  for (member* at = first_; at != nullptr;) {
    member* next = at->next;
    at->stop();
    at = next;
  }
  co_return;
}

runtime::task<> home::close_all() {
  for (member* at = first_; at != nullptr;) {
    member* next = at->next;
    at->close();
    at = next;
  }
  co_return;
}

}  // namespace barnabas::network::detail
