// Buffers that are used again once all who shared them have let go, on whichever threads those are:
// memory that the kernel has given and cleared once need not be asked for again, and may still be
// in a cache. It keeps the newest few. One thread at a time uses it.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace barnabas {

class recycled_buffers {
 public:
  struct buffer {
    std::shared_ptr<std::byte[]> bytes;
    std::size_t capacity = 0;
  };

  explicit recycled_buffers(std::size_t most) : most_(most) {}

  // Of at least so many bytes, which may be anything: one that is kept and free and not more than
  // four times as large, or a new one.
  buffer take(std::size_t bytes) {
    buffer free = take_free(bytes);
    return free.bytes != nullptr
               ? free
               : buffer{std::make_shared_for_overwrite<std::byte[]>(bytes), bytes};
  }
  // The same, but null when none is free.
  buffer take_free(std::size_t bytes) {
    for (const buffer& each : kept_) {
      if (each.capacity >= bytes && each.capacity / 4 <= bytes && each.bytes.use_count() == 1) {
        // What the last holders on other threads did with it has happened.
        std::atomic_thread_fence(std::memory_order_acquire);
        return each;
      }
    }
    return {};
  }
  // Remembers one that it may not know yet; its holders still hold it.
  void keep(const buffer& used) {
    const auto found = std::ranges::find(kept_, used.bytes, &buffer::bytes);
    if (most_ == 0 || found != kept_.end()) {
      return;
    }
    if (kept_.size() == most_) {
      kept_.erase(kept_.begin());
    }
    kept_.push_back(used);
  }
  void drop() { kept_.clear(); }
  std::size_t most() const { return most_; }
  std::size_t bytes() const {
    std::size_t all = 0;
    for (const buffer& each : kept_) {
      all += each.capacity;
    }
    return all;
  }

 private:
  std::size_t most_;
  std::vector<buffer> kept_;
};

}  // namespace barnabas
