#include "runtime/detail/real_shard.h"

#include <sys/random.h>
#include <time.h>

#include <boost/asio/post.hpp>

#include "base/ensure.h"
#include "runtime/detail/file_threads.h"

namespace barnabas::runtime::detail {
namespace {

namespace asio = boost::asio;

// Events of the kernel are looked for after so many resumptions at the latest.
constexpr std::size_t resumptions_a_round = 256;
// And so many of them are handled, so that busy sockets do not keep posts and timers waiting.
constexpr int events_a_round = 64;
// A timer that arms itself for a moment that has passed does not hold the loop.
constexpr int timers_a_round = 1000;

std::int64_t read_clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

real_shard::real_shard(int index, file_threads& threads)
    : shard(index), guard_(asio::make_work_guard(io_)), threads_(threads), alarm_(io_) {}

real_shard::~real_shard() = default;

void real_shard::enter(bool is_inside) {
  set_current(is_inside ? this : nullptr);
}

void real_shard::run() {
  while (!is_stopping_.load(std::memory_order_acquire)) {
    take_mailbox();
    is_now_fresh_ = false;
    resume_ready();
    fire_timers();
    if (is_stopping_.load(std::memory_order_relaxed)) {
      break;
    }
    is_now_fresh_ = false;
    if (ready_.empty() && next_running_ == running_.size()) {
      sleep();
    } else {
      for (int i = 0; i < events_a_round && io_.poll_one() > 0; ++i) {
      }
    }
  }
}

void real_shard::stop() {
  is_stopping_.store(true, std::memory_order_release);
  wake();
}

void real_shard::drop_posted() {
  ready_.clear();
  running_.clear();
  next_running_ = 0;
  const std::lock_guard lock(mailbox_mutex_);
  mailbox_.clear();
}

void real_shard::post(std::coroutine_handle<> coroutine) {
  if (current_or_null() == this) {
    ready_.push_back({coroutine});
  } else {
    post_remote({coroutine});
  }
}

void real_shard::post_finished(blocking_work& work) {
  post_remote({{}, &work});
}

void real_shard::post_remote(posted what) {
  bool was_asleep = false;
  {
    const std::lock_guard lock(mailbox_mutex_);
    mailbox_.push_back(what);
    has_mail_.store(true, std::memory_order_relaxed);
    was_asleep = std::exchange(is_asleep_, false);
  }
  if (was_asleep) {
    wake();
  }
}

void real_shard::wake() {
  asio::post(io_, [] {});
}

void real_shard::run_blocking(blocking_work& work) {
  threads_.run(work, *this);
}

void real_shard::take_mailbox() {
  if (!has_mail_.load(std::memory_order_relaxed)) {
    return;
  }
  const std::lock_guard lock(mailbox_mutex_);
  has_mail_.store(false, std::memory_order_relaxed);
  if (ready_.empty()) {
    ready_.swap(mailbox_);
  } else {
    ready_.insert(ready_.end(), mailbox_.begin(), mailbox_.end());
    mailbox_.clear();
  }
}

void real_shard::resume_ready() {
  for (std::size_t i = 0; i < resumptions_a_round; ++i) {
    if (next_running_ == running_.size()) {
      running_.clear();
      next_running_ = 0;
      running_.swap(ready_);
      if (running_.empty()) {
        return;
      }
    }
    const posted next = running_[next_running_++];
    if (next.work != nullptr) {
      next.work->finished();
    } else {
      next.coroutine.resume();
    }
    if (is_stopping_.load(std::memory_order_relaxed)) {
      return;
    }
  }
}

void real_shard::fire_timers() {
  if (timers_.earliest() == no_deadline) {
    return;
  }
  is_now_fresh_ = false;
  const steady_time until = now();
  for (int i = 0; i < timers_a_round; ++i) {
    timer* const due = timers_.take_due(until);
    if (due == nullptr) {
      return;
    }
    due->fired();
  }
}

void real_shard::sleep() {
  if (timers_.earliest() <= now()) {
    return;
  }
  set_alarm();
  {
    const std::lock_guard lock(mailbox_mutex_);
    if (!mailbox_.empty() || is_stopping_.load(std::memory_order_relaxed)) {
      return;
    }
    is_asleep_ = true;
  }
  is_now_fresh_ = false;
  io_.run_one();
  const std::lock_guard lock(mailbox_mutex_);
  is_asleep_ = false;
}

// The alarm is set only when a timer is earlier than it: one that rings too early costs less than
// setting it each time that a deadline is taken back.
void real_shard::set_alarm() {
  const steady_time due = timers_.earliest();
  if (due >= alarm_due_) {
    return;
  }
  alarm_due_ = due;
  alarm_.expires_at(std::chrono::steady_clock::time_point(due.time_since_epoch()));
  alarm_.async_wait([this](const boost::system::error_code& refused) {
    if (!refused) {
      alarm_due_ = no_deadline;
    }
  });
}

steady_time real_shard::now() const {
  if (!is_now_fresh_) {
    now_ = steady_time(duration(read_clock_ns(CLOCK_MONOTONIC)));
    is_now_fresh_ = true;
  }
  return now_;
}

std::int64_t real_shard::wall_clock_ms() const {
  return read_clock_ns(CLOCK_REALTIME) / 1'000'000;
}

std::uint64_t real_shard::random() {
  if (random_left_ == 0) {
    const auto got = ::getrandom(random_.data(), sizeof(random_), 0);
    ensure(got == sizeof(random_), "the operating system has random bits");
    random_left_ = random_.size();
  }
  return std::exchange(random_[--random_left_], 0);
}

void real_shard::arm(timer& timer, steady_time due) {
  timers_.add(timer, due);
}

void real_shard::disarm(timer& timer) {
  timers_.remove(timer);
}

}  // namespace barnabas::runtime::detail
