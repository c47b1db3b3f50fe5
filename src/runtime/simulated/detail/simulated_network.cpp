#include "runtime/simulated/detail/simulated_network.h"

#include <cerrno>

#include "runtime/detail/system_error.h"
#include "runtime/simulated/detail/network_state.h"
#include "runtime/simulated/detail/simulated_stream.h"

namespace barnabas::runtime::simulated::detail {
namespace {

using runtime::detail::fail_network;

class simulated_listener final : public listener {
 public:
  simulated_listener(network_state& network, std::shared_ptr<listening> port)
      : network_(network), port_(std::move(port)), local_(port_->address) {}
  ~simulated_listener() override { network_.stop_listening(*port_); }

  const endpoint& local() const override { return local_; }

  task<result<std::unique_ptr<stream>>> accept(shard&) override {
    const std::shared_ptr<listening> port = port_;
    while (!port->is_closed && port->arrived.empty()) {
      co_await slot_wait(port->acceptor);
    }
    if (port->is_closed) {
      co_return fail_network("accepting on", local_.to_string(), ECANCELED);
    }
    const auto accepted = std::move(port->arrived.front());
    port->arrived.pop_front();
    co_return std::make_unique<simulated_stream>(accepted, 1);
  }

  void close() override { network_.stop_listening(*port_); }

 private:
  network_state& network_;
  std::shared_ptr<listening> port_;
  endpoint local_;
};

}  // namespace

result<std::unique_ptr<listener>> simulated_network::listen(const endpoint& local, int backlog) {
  const bool is_any = local.host.empty() || local.host == "0.0.0.0" || local.host == "::";
  if (!is_any && network_.find(home_, local.host) != &home_) {
    return fail_network("listening on", local.to_string(), EADDRNOTAVAIL);
  }
  auto port = network_.listen(home_, local, backlog);
  if (port == nullptr) {
    return fail_network("listening on", local.to_string(), EADDRINUSE);
  }
  return std::make_unique<simulated_listener>(network_, std::move(port));
}

}  // namespace barnabas::runtime::simulated::detail
