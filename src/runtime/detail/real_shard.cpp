#include "runtime/detail/real_shard.h"

#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <limits>

#include "base/ensure.h"
#include "runtime/detail/file_threads.h"

namespace barnabas::runtime::detail {
namespace {

// Events of the kernel are looked for after so many resumptions at the latest.
constexpr std::size_t resumptions_a_round = 256;
// A timer that arms itself for a moment that has passed does not hold the loop.
constexpr int timers_a_round = 1000;

std::int64_t read_clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

real_shard::real_shard(int index, file_threads& threads)
    : shard(index),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      threads_(threads),
      patient_(*this, epoll_) {
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  ensure(epoll_ >= 0 && bell_ >= 0 && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, bell_, &event) == 0,
         "the process has descriptors left for its shards");
}

real_shard::~real_shard() {
  ::close(bell_);
  ::close(epoll_);
}

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
    take_events();
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

// Edge-triggered, so nobody need read it.
void real_shard::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(bell_, &one, sizeof(one)));
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

int real_shard::watch(int descriptor, event_handler& handler, bool is_patient) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &handler}};
  const int epoll = is_patient ? patient_.epoll() : epoll_;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno;
}

void real_shard::forget(int descriptor, bool is_patient) {
  ::epoll_ctl(is_patient ? patient_.epoll() : epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

void real_shard::take_events() {
  const bool is_asleep = !is_ready() && fall_asleep();
  const int patience = is_asleep ? patience_ms() : 0;
  const int count =
      ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), patience);
  is_now_fresh_ = false;
  if (is_asleep) {
    const std::lock_guard lock(mailbox_mutex_);
    is_asleep_ = false;
  }
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr != nullptr) {
      static_cast<event_handler*>(event.data.ptr)->on_events(event.events);
    }
  }
}

// Rounded up: a timer may fire late, but never early.
int real_shard::patience_ms() const {
  const steady_time due = timers_.earliest();
  if (due == no_deadline) {
    return -1;
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - now());
  return static_cast<int>(
      std::clamp<std::int64_t>(wait.count(), 0, std::numeric_limits<int>::max()));
}

// From now on posts ring the bell. False when there is something to do.
bool real_shard::fall_asleep() {
  const std::lock_guard lock(mailbox_mutex_);
  if (!mailbox_.empty() || is_stopping_.load(std::memory_order_relaxed)) {
    return false;
  }
  is_asleep_ = true;
  return true;
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
