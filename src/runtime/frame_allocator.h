// An allocator for what is made and dropped with each request: nodes of lists and the like. From
// the free lists of coroutine frames, which stay quick when many requests that arrived together end
// together; malloc's own lists of a thread hold seven blocks of a size.
#pragma once

#include <cstddef>

#include "runtime/detail/frame_pool.h"

namespace barnabas::runtime {

template <class T>
struct frame_allocator {
  using value_type = T;

  frame_allocator() = default;
  template <class U>
  frame_allocator(const frame_allocator<U>& /*other*/) noexcept {}

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    return static_cast<T*>(detail::allocate_frame(count * sizeof(T)));
  }
  void deallocate(T* block, std::size_t count) noexcept {
    detail::free_frame(block, count * sizeof(T));
  }
  template <class U>
  bool operator==(const frame_allocator<U>& /*other*/) const noexcept {
    return true;
  }
};

}  // namespace barnabas::runtime
