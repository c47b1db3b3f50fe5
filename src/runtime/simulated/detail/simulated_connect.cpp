#include <cerrno>

#include "runtime/detail/system_error.h"
#include "runtime/simulated/detail/network_state.h"
#include "runtime/simulated/detail/simulated_network.h"
#include "runtime/simulated/detail/simulated_stream.h"

namespace barnabas::runtime::simulated::detail {
namespace {

using runtime::detail::fail_network;

constexpr duration ask_again_after = std::chrono::seconds(1);

// One call of connect(), shared with the events that answer it.
struct attempt : std::enable_shared_from_this<attempt> {
  attempt(clockwork& c, network_state& n) : clock(c), network(n) {}

  // The request travels; when nobody answers it is sent again, as TCP does.
  void ask() {
    if (is_over) {
      return;
    }
    clock.at(clock.now + network.draw_latency(*from, *to),
             [self = shared_from_this()] { self->reach(); });
  }
  void reach();
  void ask_later() {
    clock.at(clock.now + ask_again_after, [self = shared_from_this()] { self->ask(); });
  }
  void answer(int error_number, std::shared_ptr<connection> opened);
  void finish(int error_number, std::shared_ptr<connection> opened);

  clockwork& clock;
  network_state& network;
  machine* from = nullptr;
  machine* to = nullptr;
  std::uint64_t life = 0;
  endpoint local;
  endpoint peer;
  bool is_over = false;
  int refused = 0;
  std::shared_ptr<connection> made;
  waiting_slot waiting;
};

void attempt::reach() {
  if (is_over) {
    return;
  }
  if (network.is_cut(*from, *to) || to->state() == machine_state::dark) {
    ask_later();
    return;
  }
  const auto port = network.listener_at(*to, peer.port);
  if (port == nullptr) {
    answer(ECONNREFUSED, nullptr);
    return;
  }
  if (port->arrived.size() >= port->backlog) {
    ask_later();
    return;
  }
  auto opened = network.make_connection();
  opened->at(0).home = from;
  opened->at(0).life = life;
  opened->at(0).address = local;
  opened->at(1).home = to;
  opened->at(1).life = to->life();
  opened->at(1).address = peer;
  port->arrived.push_back(opened);
  port->acceptor.wake(port);
  answer(0, std::move(opened));
}

void attempt::answer(int error_number, std::shared_ptr<connection> opened) {
  clock.at(clock.now + network.draw_latency(*to, *from),
           [self = shared_from_this(), error_number, opened = std::move(opened)] {
             self->finish(error_number, opened);
           });
}

void attempt::finish(int error_number, std::shared_ptr<connection> opened) {
  const bool is_lost = network.is_cut(*to, *from);
  if (is_over || is_lost) {
    if (opened != nullptr && from->state() != machine_state::dark) {
      opened->close(0);  // nobody has this side
    }
    return;
  }
  is_over = true;
  refused = error_number;
  made = std::move(opened);
  waiting.wake(shared_from_this());
}

// Ends the attempt when it is dropped or its time has come.
class attempt_guard final : timer {
 public:
  attempt_guard(std::shared_ptr<attempt> guarded, steady_time deadline)
      : guarded_(std::move(guarded)) {
    if (deadline != no_deadline) {
      shard::current().arm(*this, deadline);
    }
  }
  ~attempt_guard() override {
    guarded_->is_over = true;
    if (guarded_->made != nullptr) {
      guarded_->made->close(0);
    }
  }
  void end(int error_number) {
    if (!guarded_->is_over) {
      guarded_->is_over = true;
      guarded_->refused = error_number;
      guarded_->waiting.wake(guarded_);
    }
  }

 private:
  void fired() override { end(ETIMEDOUT); }

  std::shared_ptr<attempt> guarded_;
};

}  // namespace

task<result<std::unique_ptr<stream>>> simulated_network::connect(endpoint peer,
                                                                 steady_time deadline,
                                                                 connect_stop* stop) {
  machine* const target = network_.find(home_, peer.host);
  if (target == nullptr) {
    co_return fail(error_code::network_exception,
                   "resolving " + peer.host + ": the host is unknown");
  }
  const bool is_loopback = target == &home_;
  const auto tried = std::make_shared<attempt>(clock_, network_);
  tried->from = &home_;
  tried->to = target;
  tried->life = home_.life();
  tried->local = {is_loopback ? "127.0.0.1" : home_.address(), network_.next_port()};
  tried->peer = {is_loopback ? "127.0.0.1" : target->address(), peer.port};
  attempt_guard guard(tried, deadline);
  const connect_stop::wait ended(stop, [&guard] { guard.end(ECANCELED); });
  tried->ask();
  while (!tried->is_over) {
    co_await slot_wait(tried->waiting);
  }
  if (tried->refused != 0) {
    co_return fail_network("connecting to", peer.to_string(), tried->refused);
  }
  co_return std::make_unique<simulated_stream>(std::exchange(tried->made, nullptr), 0);
}

}  // namespace barnabas::runtime::simulated::detail
