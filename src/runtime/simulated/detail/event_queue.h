// What will happen in a simulation, by virtual time; what happens at the same time, in an order
// drawn by the seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/simulated/random.h"
#include "runtime/time.h"

namespace barnabas::runtime::simulated::detail {

class simulated_shard;

struct event {
  steady_time due;
  std::uint64_t tie = 0;
  // When set, the action waits for its turn on that shard, unless the shard's process has died
  // since.
  simulated_shard* target = nullptr;
  std::uint64_t life = 0;
  std::function<void()> action;
};

class event_queue {
 public:
  explicit event_queue(seeded_random& random) : random_(random) {}

  bool is_empty() const { return heap_.empty(); }
  steady_time earliest() const { return heap_.front().due; }
  void push(event what) {
    what.tie = random_.next();
    heap_.push_back(std::move(what));
    std::ranges::push_heap(heap_, is_later);
  }
  event pop() {
    std::ranges::pop_heap(heap_, is_later);
    event first = std::move(heap_.back());
    heap_.pop_back();
    return first;
  }

 private:
  static bool is_later(const event& a, const event& b) {
    return a.due != b.due ? a.due > b.due : a.tie > b.tie;
  }

  seeded_random& random_;
  std::vector<event> heap_;
};

}  // namespace barnabas::runtime::simulated::detail
