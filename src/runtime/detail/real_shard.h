// A shard of the real world: an io_context that one thread runs, a list of coroutines that are
// ready, a mailbox for what other threads post, and the timers. A round takes the mailbox, resumes
// what was ready at its start, fires timers, then lets the io_context look for events: without
// waiting while something is ready, else until an event, a post or the earliest timer. Asleep costs
// nothing: there is no tick.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <coroutine>
#include <mutex>
#include <vector>

#include "runtime/shard.h"
#include "runtime/timer_queue.h"

namespace barnabas::runtime::detail {

class file_threads;

class real_shard final : public shard {
 public:
  real_shard(int index, file_threads& threads);
  ~real_shard() override;

  // Makes this the calling thread's shard, or (false) makes it none.
  void enter(bool is_inside);
  // On the thread that entered, until stop(), which any thread may call.
  void run();
  void stop();
  // After run(): what is still posted is dropped.
  void drop_posted();
  boost::asio::io_context& io() { return io_; }
  // From a file thread.
  void post_finished(blocking_work& work);

  void post(std::coroutine_handle<> coroutine) override;
  void run_blocking(blocking_work& work) override;
  steady_time now() const override;
  std::int64_t wall_clock_ms() const override;
  std::uint64_t random() override;
  void arm(timer& timer, steady_time due) override;
  void disarm(timer& timer) override;

 private:
  // A coroutine to resume, or the end of some blocking work.
  struct posted {
    std::coroutine_handle<> coroutine;
    blocking_work* work = nullptr;
  };

  void post_remote(posted what);
  void wake();
  void take_mailbox();
  void resume_ready();
  void fire_timers();
  void sleep();
  void set_alarm();

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  file_threads& threads_;
  std::vector<posted> ready_;
  std::vector<posted> running_;
  std::size_t next_running_ = 0;

  timer_queue timers_;
  boost::asio::steady_timer alarm_;
  steady_time alarm_due_ = no_deadline;  // no_deadline: not set
  mutable steady_time now_{};
  mutable bool is_now_fresh_ = false;

  std::array<std::uint64_t, 32> random_{};
  std::size_t random_left_ = 0;

  // What other threads touch, away from the rest.
  alignas(64) std::mutex mailbox_mutex_;
  std::vector<posted> mailbox_;
  bool is_asleep_ = false;
  std::atomic<bool> has_mail_ = false;
  std::atomic<bool> is_stopping_ = false;
};

}  // namespace barnabas::runtime::detail
