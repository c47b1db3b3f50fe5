// Where coroutine frames come from: free lists of size classes, one set a thread. A block may be
// freed on another thread than the one that took it; it then joins that thread's list.
#pragma once

#include <cstddef>

namespace barnabas::runtime::detail {

void* allocate_frame(std::size_t size_bytes);
void free_frame(void* frame, std::size_t size_bytes) noexcept;

}  // namespace barnabas::runtime::detail
