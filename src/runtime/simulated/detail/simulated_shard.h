// A shard of a simulated machine. What is to run waits in one line, and the simulation takes one
// step of it at a time, so that shards interleave as the seed says. It outlives its machine's
// crashes: each life of the process has a number, and what was meant for an earlier life is
// dropped.
#pragma once

#include <deque>
#include <functional>

#include "runtime/shard.h"
#include "runtime/simulated/detail/clockwork.h"
#include "runtime/timer_queue.h"

namespace barnabas::runtime::simulated {

class machine;

namespace detail {

class simulated_shard final : public shard {
 public:
  simulated_shard(clockwork& clock, simulated::machine& home, int index, int shards);

  simulated::machine& home() { return home_; }
  std::uint64_t life() const { return life_; }
  // The calling code's shard; nullptr on a file thread or outside every machine.
  static simulated_shard* here() { return static_cast<simulated_shard*>(current_or_null()); }
  // Makes a shard (or none) the current one while it lives.
  class inside {
   public:
    explicit inside(simulated_shard* shard) : before_(current_or_null()) { set_current(shard); }
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;
    ~inside() { set_current(before_); }

   private:
    shard* before_;
  };

  // Runs on this shard after what is in line already.
  void enqueue(std::function<void()> action);
  // The same, `after` some time.
  void enqueue_after(duration after, std::function<void()> action);
  // Takes no step for so long.
  void stall(duration time) { busy_until_ = std::max(busy_until_, clock_.now + time); }
  // The process has died: what it had in line is gone.
  void end_life();

  void post(std::coroutine_handle<> coroutine) override;
  void run_blocking(blocking_work& work) override;
  steady_time now() const override { return clock_.now; }
  std::int64_t wall_clock_ms() const override;
  std::uint64_t random() override { return clock_.random.next(); }
  void arm(timer& timer, steady_time due) override;
  void disarm(timer& timer) override { timers_.remove(timer); }

 private:
  void schedule_step();
  void step();
  void schedule_timers();
  void fire_timers();

  clockwork& clock_;
  simulated::machine& home_;
  std::uint64_t life_ = 0;
  std::deque<std::function<void()>> line_;
  bool is_step_scheduled_ = false;
  steady_time busy_until_{};
  timer_queue timers_;
  steady_time timers_scheduled_ = no_deadline;
  std::vector<steady_time> last_arrival_;  // by the index of the shard that posts
};

}  // namespace detail
}  // namespace barnabas::runtime::simulated
