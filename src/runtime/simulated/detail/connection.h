// A TCP connection of a simulation: two sides, and for each the pieces on their way to it. Pieces
// of one direction arrive in order; a cut network or a machine without power holds them back, until
// it is well again or, as TCP does, the sender gives up after 15 minutes; a process that has gone
// answers with a reset. What is under way or unread is bounded by the window, which is what a slow
// reader slows its writer with.
#pragma once

#include <array>
#include <coroutine>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "runtime/simulated/detail/simulated_shard.h"
#include "runtime/simulated/machine.h"

namespace barnabas::runtime::simulated::detail {

class network_state;

// The one coroutine that waits for something; woken through its shard's line.
struct waiting_slot {
  std::coroutine_handle<> waiter;
  simulated_shard* home = nullptr;

  // `keeps` holds the slot alive.
  void wake(std::shared_ptr<void> keeps);
};

class slot_wait {
 public:
  explicit slot_wait(waiting_slot& slot) : slot_(slot) {}
  slot_wait(const slot_wait&) = delete;
  slot_wait& operator=(const slot_wait&) = delete;
  ~slot_wait() {
    if (self_ && slot_.waiter == self_) {
      slot_.waiter = nullptr;
    }
  }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    self_ = self;
    slot_.waiter = self;
    slot_.home = simulated_shard::here();
  }
  void await_resume() noexcept { self_ = nullptr; }

 private:
  waiting_slot& slot_;
  std::coroutine_handle<> self_;
};

class connection : public std::enable_shared_from_this<connection> {
 public:
  enum class piece_kind : std::uint8_t { data, end, reset };
  struct piece {
    piece_kind kind;
    std::string bytes;
  };

  struct side {
    machine* home = nullptr;
    std::uint64_t life = 0;  // of the process that has it
    endpoint address;
    bool is_closed = false;
    bool was_reset = false;
    bool has_end = false;  // after what is received, nothing comes
    bool is_patient = false;
    std::string received;
    std::size_t taken = 0;        // of received
    std::size_t outstanding = 0;  // bytes that this side sent and the other has not read
    waiting_slot reader;
    waiting_slot writer;
    // Pieces on their way to the other side.
    std::deque<piece> under_way;
    steady_time last_arrival{};
    // Arrivals that a cut network or a machine without power has stopped, and since when.
    std::size_t held_back = 0;
    steady_time held_since{};

    std::size_t unread() const { return received.size() - taken; }
  };

  connection(clockwork& clock, network_state& network) : clock_(clock), network_(network) {}

  side& at(int which) { return sides_[static_cast<std::size_t>(which)]; }
  std::size_t room(int which) const;
  void send(int from, piece what);
  // Up to into.size() unread bytes of this side, at least one; there are some.
  std::size_t take(int which, mutable_bytes into);
  void close(int which);
  void reset_both();
  // The receiver's machine lost power: a writer that waits for room asks in vain, and gives up.
  void probe(int from);
  // What was held back goes on.
  void resume(int from);

 private:
  void schedule_arrival(int from);
  void arrive(int from);
  void hold_back(int from);
  void receive(int which, piece what);
  void become_reset(int which);
  void tell_reader(int which);

  clockwork& clock_;
  network_state& network_;
  std::array<side, 2> sides_;
};

}  // namespace barnabas::runtime::simulated::detail
