// A descriptor that the epoll instance of its shard watches, in both directions and edge-triggered:
// registered once, by the first wait, and never armed again. Whoever waits has tried before, or has
// taken less than it asked for. Lives on its shard; one coroutine waits in a direction at a time.
#pragma once

#include <array>
#include <cerrno>
#include <coroutine>
#include <cstdint>

#include "runtime/detail/real_shard.h"
#include "runtime/shard.h"

namespace barnabas::runtime::detail {

class ready_wait;

enum class direction : std::uint8_t { reading, writing };

class watched_descriptor final : event_handler {
 public:
  // Takes over the descriptor, which does not block; -1 is a closed one.
  watched_descriptor(real_shard& home, int number) : home_(&home), number_(number) {}
  watched_descriptor(const watched_descriptor&) = delete;
  watched_descriptor& operator=(const watched_descriptor&) = delete;
  ~watched_descriptor() override { close(); }

  // -1 after close().
  int number() const { return number_; }
  // co_await gives 0 when a try may succeed, ECANCELED after close(), ETIMEDOUT at the deadline.
  ready_wait wait(direction which, steady_time deadline = no_deadline);
  // Who waits is told.
  void close();
  // As stream::set_patient. Who waits is told the errno when the kernel does not take it.
  void set_patient(bool yes);
  // Nobody waits, in both.
  void move_to(real_shard& home);
  int release();  // the descriptor is the caller's

 private:
  friend class ready_wait;
  struct side {
    ready_wait* waiter = nullptr;
    bool may_be_ready = false;  // there was an event since the last wait
    bool is_final = false;      // its end has come, behind what there may be: nobody waits any more
  };

  void on_events(std::uint32_t events) override;
  side& at(direction which) { return sides_[static_cast<std::size_t>(which)]; }
  void wake(side& which, int outcome);
  void unregister();

  real_shard* home_;
  int number_;
  bool is_registered_ = false;
  bool is_patient_ = false;
  std::array<side, 2> sides_;
};

class ready_wait final : timer {
 public:
  ready_wait(watched_descriptor& on, direction which, steady_time deadline)
      : on_(on), which_(which), deadline_(deadline) {}
  ~ready_wait() override { leave(); }

  bool await_ready();
  bool await_suspend(std::coroutine_handle<> self);
  int await_resume() const { return outcome_; }

 private:
  friend class watched_descriptor;
  void fired() override;
  void leave();

  watched_descriptor& on_;
  direction which_;
  steady_time deadline_;
  std::coroutine_handle<> self_;
  bool is_waiting_ = false;
  int outcome_ = 0;
};

inline ready_wait watched_descriptor::wait(direction which, steady_time deadline) {
  return {*this, which, deadline};
}

}  // namespace barnabas::runtime::detail
