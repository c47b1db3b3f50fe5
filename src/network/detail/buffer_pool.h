// Receive buffers of 16 KiB to 2 MiB: free lists of size classes, one set a thread, which keep at
// most 4 MiB. A buffer that is freed on another thread than the one that took it joins that
// thread's lists. Under a sanitizer nothing is kept, so that it sees every use after the end.
#pragma once

#include <cstddef>
#include <memory>

namespace barnabas::network::detail {

// Uninitialised; smaller and larger ones come from the heap. The counts of the pointer stand before
// the bytes, so that a power of two less buffer_overhead_bytes fits a class exactly.
std::shared_ptr<std::byte[]> make_buffer(std::size_t size_bytes);
inline constexpr std::size_t buffer_overhead_bytes = 64;

// Bytes that the calling thread's lists keep.
std::size_t pooled_bytes();

}  // namespace barnabas::network::detail
