#include "network/detail/buffer_pool.h"

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BARNABAS_KEEPS_NO_BUFFERS
#endif
#endif

namespace barnabas::network::detail {
namespace {

constexpr std::size_t smallest_bytes = std::size_t{16} << 10;
constexpr std::size_t largest_bytes = std::size_t{2} << 20;
#ifdef BARNABAS_KEEPS_NO_BUFFERS
constexpr std::size_t kept_bytes = 0;
#else
constexpr std::size_t kept_bytes = std::size_t{4} << 20;
#endif

// Four classes to each doubling: 16, 20, 24, 28, 32, 40, ... KiB.
struct size_class {
  std::size_t index;
  std::size_t bytes;
};
size_class class_of(std::size_t size_bytes) {
  const std::size_t size = std::max(size_bytes, smallest_bytes);
  const auto doubling =
      static_cast<std::size_t>(std::bit_width(size - 1)) - 1;  // 2^doubling < size
  const std::size_t step = std::size_t{1} << (doubling - 2);
  const std::size_t steps = (size + step - 1) / step;  // 5 to 8
  return {(doubling - 13) * 4 + (steps - 5), steps * step};
}

struct free_buffer {
  free_buffer* next;
};

// Trivially destroyed, so that a buffer may outlive the lists of its thread.
thread_local bool lists_are_gone = false;

struct free_lists {
  std::array<free_buffer*, 36> first{};
  std::size_t bytes = 0;

  ~free_lists() {
    lists_are_gone = true;
    for (free_buffer* buffer : first) {
      while (buffer != nullptr) {
        ::operator delete(std::exchange(buffer, buffer->next));
      }
    }
  }
};
thread_local free_lists lists;

void* take(std::size_t size_bytes) {
  if (size_bytes < smallest_bytes || size_bytes > largest_bytes || lists_are_gone) {
    return ::operator new(size_bytes);
  }
  const size_class wanted = class_of(size_bytes);
  if (free_buffer* buffer = lists.first[wanted.index]; buffer != nullptr) {
    lists.first[wanted.index] = buffer->next;
    lists.bytes -= wanted.bytes;
    return buffer;
  }
  return ::operator new(wanted.bytes);
}

void give(void* memory, std::size_t size_bytes) noexcept {
  if (size_bytes < smallest_bytes || size_bytes > largest_bytes || lists_are_gone) {
    ::operator delete(memory);
    return;
  }
  const size_class its = class_of(size_bytes);
  if (lists.bytes + its.bytes > kept_bytes) {
    ::operator delete(memory);
    return;
  }
  lists.first[its.index] = new (memory) free_buffer{lists.first[its.index]};
  lists.bytes += its.bytes;
}

template <class T>
struct pool_allocator {
  using value_type = T;
  pool_allocator() = default;
  template <class U>
  pool_allocator(const pool_allocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(take(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { give(memory, count * sizeof(T)); }
  bool operator==(const pool_allocator&) const = default;
};

}  // namespace

std::shared_ptr<std::byte[]> make_buffer(std::size_t size_bytes) {
  return std::allocate_shared_for_overwrite<std::byte[]>(pool_allocator<std::byte>(), size_bytes);
}

std::size_t pooled_bytes() {
  return lists_are_gone ? 0 : lists.bytes;
}

}  // namespace barnabas::network::detail
