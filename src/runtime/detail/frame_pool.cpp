#include "runtime/detail/frame_pool.h"

#include <array>
#include <cstdint>
#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BARNABAS_PLAIN_FRAMES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BARNABAS_PLAIN_FRAMES 1
#endif
#endif

namespace barnabas::runtime::detail {

#ifdef BARNABAS_PLAIN_FRAMES

// The sanitizers see a frame that is used after its end only if its memory is not used again.
void* allocate_frame(std::size_t size_bytes) {
  return ::operator new(size_bytes);
}
void free_frame(void* frame, std::size_t size_bytes) noexcept {
  ::operator delete(frame, size_bytes);
}

#else

namespace {

constexpr std::size_t step_bytes = 64;
constexpr std::size_t classes = 64;  // frames up to 4 KiB
constexpr std::size_t kept_bytes_per_class = 256 << 10;

struct free_block {
  free_block* next;
};

// Small: a library that is loaded while the program runs gets little thread-local memory.
struct pool {
  std::array<free_block*, classes> first;
  std::array<std::uint16_t, classes> counts;
  bool is_closed;  // the thread ends
};

// Trivial, so that it can be used until the very end of the thread.
thread_local constinit pool frames{};

struct emptier {
  bool is_made = false;

  ~emptier() {
    frames.is_closed = true;
    for (free_block*& first : frames.first) {
      while (first != nullptr) {
        ::operator delete(std::exchange(first, first->next));
      }
    }
    frames.counts = {};
  }
};

thread_local emptier at_thread_end;

constexpr std::size_t class_of(std::size_t size_bytes) {
  return (size_bytes - 1) / step_bytes;
}
constexpr std::size_t bytes_of(std::size_t size_class) {
  return (size_class + 1) * step_bytes;
}

}  // namespace

void* allocate_frame(std::size_t size_bytes) {
  const std::size_t size_class = class_of(size_bytes);
  if (size_class >= classes) {
    return ::operator new(size_bytes);
  }
  free_block*& first = frames.first[size_class];
  if (first == nullptr) {
    return ::operator new(bytes_of(size_class));
  }
  --frames.counts[size_class];
  return std::exchange(first, first->next);
}

void free_frame(void* frame, std::size_t size_bytes) noexcept {
  const std::size_t size_class = class_of(size_bytes);
  if (size_class >= classes) {
    ::operator delete(frame);
    return;
  }
  free_block*& first = frames.first[size_class];
  if (frames.is_closed ||
      frames.counts[size_class] * bytes_of(size_class) >= kept_bytes_per_class) {
    ::operator delete(frame);
    return;
  }
  if (first == nullptr) {
    at_thread_end.is_made = true;  // touched, so that it is destroyed when the thread ends
  }
  first = new (frame) free_block{first};
  ++frames.counts[size_class];
}

#endif

}  // namespace barnabas::runtime::detail
