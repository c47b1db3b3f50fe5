// A shard's part of queued.max.request.bytes: the received frames whose requests are not yet
// answered. Connections stop reading while it is used up. A frame counts from when it is whole, so
// that half-received ones cannot block each other; the limit may be passed by what one read of a
// connection brings. Lives on its shard and outlives its connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "runtime/wait.h"

namespace barnabas::network {

class memory_budget {
 public:
  // A negative limit is none.
  explicit memory_budget(std::int64_t limit_bytes) : limit_bytes_(limit_bytes) {}

  bool has_room() const { return limit_bytes_ < 0 || used_bytes_ < limit_bytes_; }
  std::int64_t used_bytes() const { return used_bytes_; }
  // Notified when there is room again.
  runtime::condition& freed() { return freed_; }

 private:
  friend class memory_charge;
  void take(std::size_t bytes) { used_bytes_ += static_cast<std::int64_t>(bytes); }
  void give(std::size_t bytes) {
    const bool was_full = !has_room();
    used_bytes_ -= static_cast<std::int64_t>(bytes);
    if (was_full && has_room()) {
      freed_.notify_all();
    }
  }

  std::int64_t limit_bytes_;
  std::int64_t used_bytes_ = 0;
  runtime::condition freed_;
};

// Bytes taken from a budget, given back when it goes. Only on the budget's shard.
class memory_charge {
 public:
  memory_charge() = default;
  memory_charge(memory_budget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {
    budget.take(bytes);
  }
  memory_charge(memory_charge&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  memory_charge& operator=(memory_charge&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~memory_charge() {
    if (budget_ != nullptr) {
      budget_->give(bytes_);
    }
  }
  std::size_t bytes() const { return bytes_; }

 private:
  memory_budget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace barnabas::network
