// Listening and connecting on a simulated machine.
#pragma once

#include "runtime/socket.h"

namespace barnabas::runtime::simulated {

class machine;

namespace detail {

struct clockwork;
class network_state;

class simulated_network final : public network {
 public:
  simulated_network(clockwork& clock, network_state& network, simulated::machine& home)
      : clock_(clock), network_(network), home_(home) {}

  result<std::unique_ptr<listener>> listen(const endpoint& local, int backlog) override;
  task<result<std::unique_ptr<stream>>> connect(endpoint peer, steady_time deadline,
                                                connect_stop* stop) override;

 private:
  clockwork& clock_;
  network_state& network_;
  simulated::machine& home_;
};

}  // namespace detail
}  // namespace barnabas::runtime::simulated
