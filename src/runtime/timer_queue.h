// The armed timers of one shard, earliest first: a 4-ary heap of pointers in which every timer
// knows its place, so that taking one out needs no search. Timers of the same moment come out in
// the order of arming. Both worlds use it.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/shard.h"
#include "runtime/time.h"

namespace barnabas::runtime {

class timer_queue {
 public:
  timer_queue() = default;
  timer_queue(const timer_queue&) = delete;
  timer_queue& operator=(const timer_queue&) = delete;
  // Timers that are still armed are disarmed.
  ~timer_queue();

  // Arms the timer; one that is armed gets the new time.
  void add(timer& timer, steady_time due);
  void remove(timer& timer);
  // no_deadline when there is none.
  steady_time earliest() const { return heap_.empty() ? no_deadline : heap_.front().due; }
  // Takes out the earliest timer if it is due by `now`; else nullptr.
  timer* take_due(steady_time now);
  std::size_t size() const { return heap_.size(); }

 private:
  struct entry {
    steady_time due;
    std::uint64_t order;
    timer* armed;

    bool operator<(const entry& other) const {
      return due != other.due ? due < other.due : order < other.order;
    }
  };

  void place(std::size_t position, const entry& what);
  void sift_up(std::size_t position, const entry& what);
  void sift_down(std::size_t position, const entry& what);

  std::vector<entry> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace barnabas::runtime
