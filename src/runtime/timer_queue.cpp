#include "runtime/timer_queue.h"

#include "base/ensure.h"

namespace barnabas::runtime {
namespace {

constexpr std::size_t fan_out = 4;

}  // namespace

timer_queue::~timer_queue() {
  for (const entry& each : heap_) {
    each.armed->owner_ = nullptr;
  }
}

void timer_queue::add(timer& timer, steady_time due) {
  if (timer.owner_ != nullptr) {
    timer.owner_->remove(timer);
  }
  timer.owner_ = this;
  timer.due_ = due;
  heap_.emplace_back();
  sift_up(heap_.size() - 1, {due, next_order_++, &timer});
}

void timer_queue::remove(timer& timer) {
  ensure(timer.owner_ == this, "a timer is disarmed on its own shard");
  const std::size_t hole = timer.position_;
  timer.owner_ = nullptr;
  const entry last = heap_.back();
  heap_.pop_back();
  if (hole == heap_.size()) {
    return;
  }
  if (hole > 0 && last < heap_[(hole - 1) / fan_out]) {
    sift_up(hole, last);
  } else {
    sift_down(hole, last);
  }
}

timer* timer_queue::take_due(steady_time now) {
  if (heap_.empty() || heap_.front().due > now) {
    return nullptr;
  }
  timer* const due = heap_.front().armed;
  remove(*due);
  return due;
}

void timer_queue::place(std::size_t position, const entry& what) {
  heap_[position] = what;
  what.armed->position_ = position;
}

void timer_queue::sift_up(std::size_t position, const entry& what) {
  while (position > 0) {
    const std::size_t parent = (position - 1) / fan_out;
    if (!(what < heap_[parent])) {
      break;
    }
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, what);
}

void timer_queue::sift_down(std::size_t position, const entry& what) {
  for (;;) {
    const std::size_t first = position * fan_out + 1;
    if (first >= heap_.size()) {
      break;
    }
    std::size_t smallest = first;
    for (std::size_t i = first + 1; i < std::min(first + fan_out, heap_.size()); ++i) {
      if (heap_[i] < heap_[smallest]) {
        smallest = i;
      }
    }
    if (!(heap_[smallest] < what)) {
      break;
    }
    place(position, heap_[smallest]);
    position = smallest;
  }
  place(position, what);
}

}  // namespace barnabas::runtime
