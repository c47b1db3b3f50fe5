// The network of a simulation: which machines there are, who listens where, which directions are
// cut, and all connections.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "runtime/simulated/detail/connection.h"

namespace barnabas::runtime::simulated::detail {

// A port on which a process listens.
struct listening {
  machine* home = nullptr;
  std::uint64_t life = 0;
  endpoint address;
  std::size_t backlog = 0;
  bool is_closed = false;
  std::deque<std::shared_ptr<connection>> arrived;
  waiting_slot acceptor;
};

class network_state {
 public:
  explicit network_state(clockwork& clock) : clock_(clock) {}

  void add(machine& added) { machines_.push_back(&added); }
  // By name or address, as seen from a machine; nullptr when nobody has it.
  machine* find(const machine& from, const std::string& host) const;

  duration draw_latency(const machine& from, const machine& to);
  bool is_cut(const machine& from, const machine& to) const {
    return cut_.contains({from.number(), to.number()});
  }
  void cut(const machine& from, const machine& to);
  void heal(const machine& from, const machine& to);
  void power_lost(const machine& home);
  // What was sent to it in the meantime arrives.
  void power_restored(const machine& home);
  void reset_between(const machine& a, const machine& b);

  // Nothing when the port is taken; picks one when it is 0.
  std::shared_ptr<listening> listen(machine& home, endpoint local, int backlog);
  void stop_listening(listening& ended);
  // Who listens there now, or nullptr.
  std::shared_ptr<listening> listener_at(const machine& home, std::uint16_t port) const;

  std::shared_ptr<connection> make_connection();
  std::uint16_t next_port();

 private:
  using port_of_machine = std::pair<std::uint64_t, std::uint16_t>;

  // visit(connection, side) for every side that sends to the machine.
  template <class Visit>
  void for_each_sender_to(const machine& home, const Visit& visit);

  clockwork& clock_;
  std::vector<machine*> machines_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> cut_;
  std::map<port_of_machine, std::shared_ptr<listening>> listening_;
  std::vector<std::weak_ptr<connection>> connections_;
  std::size_t sweep_at_ = 64;
  std::uint16_t last_port_ = 32767;
};

}  // namespace barnabas::runtime::simulated::detail
