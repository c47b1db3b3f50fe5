#include "runtime/simulated/detail/simulated_shard.h"

#include "runtime/simulated/machine.h"

namespace barnabas::runtime::simulated::detail {

simulated_shard::simulated_shard(clockwork& clock, simulated::machine& home, int index, int shards)
    : shard(index), clock_(clock), home_(home), last_arrival_(static_cast<std::size_t>(shards)) {}

void simulated_shard::enqueue(std::function<void()> action) {
  if (!home_.is_accepting_work()) {
    return;
  }
  line_.push_back(std::move(action));
  if (!is_step_scheduled_) {
    schedule_step();
  }
}

void simulated_shard::enqueue_after(duration after, std::function<void()> action) {
  clock_.events.push(
      {.due = clock_.now + after, .target = this, .life = life_, .action = std::move(action)});
}

void simulated_shard::end_life() {
  ++life_;
  line_.clear();
  is_step_scheduled_ = false;
  busy_until_ = {};
  timers_scheduled_ = no_deadline;
}

void simulated_shard::post(std::coroutine_handle<> coroutine) {
  simulated_shard* const from = here();
  auto resume = [coroutine] { coroutine.resume(); };
  if (from == this || from == nullptr || &from->home_ != &home_) {
    enqueue(resume);
    return;
  }
  // What one shard posts to another arrives in order.
  steady_time& last = last_arrival_[static_cast<std::size_t>(from->index())];
  last = std::max(last + duration(1), clock_.now + clock_.draw(clock_.options.post));
  enqueue_after(last - clock_.now, resume);
}

void simulated_shard::run_blocking(blocking_work& work) {
  home_.run_on_file_thread(work, *this);
}

std::int64_t simulated_shard::wall_clock_ms() const {
  return home_.wall_clock_ms();
}

void simulated_shard::arm(timer& timer, steady_time due) {
  timers_.add(timer, due);
  schedule_timers();
}

// A step is an event without a target: it takes the line's first entry itself.
void simulated_shard::schedule_step() {
  is_step_scheduled_ = true;
  clock_.at(std::max(clock_.now + clock_.draw(clock_.options.step), busy_until_),
            [this, life = life_] {
              if (life == life_) {
                step();
              }
            });
}

void simulated_shard::step() {
  is_step_scheduled_ = false;
  if (line_.empty()) {
    return;
  }
  if (clock_.now < busy_until_) {
    schedule_step();
    return;
  }
  const std::function<void()> action = std::move(line_.front());
  line_.pop_front();
  ++clock_.steps;
  clock_.trace(1, home_.number() * 64 + static_cast<std::uint64_t>(index()));
  is_step_scheduled_ = true;  // the next begins after this one
  duration spent{};
  clock_.spending = &spent;
  {
    const inside here(this);
    action();
  }
  clock_.spending = nullptr;
  busy_until_ = clock_.now + spent;
  is_step_scheduled_ = false;
  if (!line_.empty()) {
    schedule_step();
  }
}

void simulated_shard::schedule_timers() {
  const steady_time earliest = timers_.earliest();
  if (earliest >= timers_scheduled_) {
    return;
  }
  timers_scheduled_ = earliest;
  const duration wait = std::max(earliest - clock_.now, duration(0));
  enqueue_after(wait + clock_.draw(clock_.options.timer_lateness), [this, earliest] {
    if (timers_scheduled_ == earliest) {
      timers_scheduled_ = no_deadline;
    }
    fire_timers();
  });
}

void simulated_shard::fire_timers() {
  const steady_time until = clock_.now;
  while (timer* const due = timers_.take_due(until)) {
    due->fired();
  }
  schedule_timers();
}

}  // namespace barnabas::runtime::simulated::detail
