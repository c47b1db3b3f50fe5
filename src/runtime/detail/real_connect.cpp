#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>

#include "runtime/detail/real_network.h"
#include "runtime/detail/real_socket.h"
#include "runtime/detail/socket_address.h"
#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

using addresses = std::vector<socket_address>;

}  // namespace

// The question for a name, which outlives the one who asked when the deadline comes first.
struct real_network::lookup final : blocking_work {
  lookup(real_network& network, endpoint peer) : network(network), peer(std::move(peer)) {}
  void run() noexcept override { found = find_addresses(peer, AI_ADDRCONFIG); }
  void finished() noexcept override {
    const auto last = let_go();
    if (waiter) {
      std::exchange(waiter, nullptr).resume();
    }
  }
  std::shared_ptr<lookup> let_go() {
    const std::lock_guard lock(network.mutex_);
    return std::move(network.asked_.extract(this).mapped());
  }

  real_network& network;
  endpoint peer;
  result<addresses> found;
  std::coroutine_handle<> waiter;
};

class real_network::lookup_wait final : timer {
 public:
  lookup_wait(real_network& network, endpoint peer, steady_time deadline, connect_stop* stop)
      : asked_(std::make_shared<lookup>(network, std::move(peer))),
        deadline_(deadline),
        stop_(stop, [this] { end(ECANCELED); }) {}
  ~lookup_wait() override { asked_->waiter = nullptr; }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    asked_->waiter = self;
    {
      const std::lock_guard lock(asked_->network.mutex_);
      asked_->network.asked_.emplace(asked_.get(), asked_);
    }
    if (deadline_ != no_deadline) {
      shard::current().arm(*this, deadline_);
    }
    asked_->network.resolvers_.run(*asked_, static_cast<real_shard&>(shard::current()));
  }
  result<addresses> await_resume() {
    if (refused_ == ETIMEDOUT) {
      return fail(error_code::network_exception,
                  asked_->peer.to_string() + ": no name server has answered in time");
    }
    if (refused_ != 0) {
      return fail_network("resolving", asked_->peer.to_string(), refused_);
    }
    return std::move(asked_->found);
  }

 private:
  void fired() override { end(ETIMEDOUT); }
  // The first of the answer, the deadline and the stop counts.
  void end(int refused) {
    if (asked_->waiter) {
      refused_ = refused;
      shard::current().post(std::exchange(asked_->waiter, nullptr));
    }
  }

  std::shared_ptr<lookup> asked_;
  steady_time deadline_;
  int refused_ = 0;
  connect_stop::wait stop_;
};

namespace {

// 0 or an errno.
task<int> finish_connecting(watched_descriptor& socket, steady_time deadline) {
  if (const int refused = co_await socket.wait(direction::writing, deadline); refused != 0) {
    co_return refused;
  }
  if (socket.number() < 0) {
    co_return ECANCELED;  // closed since it was woken
  }
  int refused = 0;
  socklen_t length = sizeof(refused);
  ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &refused, &length);
  co_return refused;
}

task<result<std::unique_ptr<stream>>> connect_one(real_shard& home, const endpoint& peer,
                                                  socket_address address, steady_time deadline,
                                                  connect_stop* stop) {
  watched_descriptor socket(
      home, ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  int refused = socket.number() < 0 ? errno : 0;
  const connect_stop::wait ended(stop, [&socket] { socket.close(); });
  if (refused == 0 && ::connect(socket.number(), address.get(), address.length) != 0) {
    refused = errno == EINPROGRESS ? co_await finish_connecting(socket, deadline) : errno;
  }
  if (refused != 0) {
    co_return fail_network("connecting to", peer.to_string(), refused);
  }
  const endpoint local = local_endpoint(socket.number());
  co_return std::make_unique<real_stream>(home, socket.release(), local, address.to_endpoint());
}

}  // namespace

task<result<std::unique_ptr<stream>>> real_network::connect(endpoint peer, steady_time deadline,
                                                            connect_stop* stop) {
  auto& home = static_cast<real_shard&>(shard::current());
  auto found = find_addresses(peer, AI_NUMERICHOST);
  if (!found) {
    found = co_await lookup_wait(*this, peer, deadline, stop);
  }
  if (!found) {
    co_return fail(found.error(), "connecting to ");
  }
  result<std::unique_ptr<stream>> outcome;
  for (const socket_address& address : *found) {
    if (stop != nullptr && stop->is_requested()) {
      co_return fail_network("connecting to", peer.to_string(), ECANCELED);
    }
    outcome = co_await connect_one(home, peer, address, deadline, stop);
    if (outcome || home.now() >= deadline) {
      break;
    }
  }
  co_return outcome;
}

}  // namespace barnabas::runtime::detail
