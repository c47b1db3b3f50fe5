// Bytes in chunks: what records are encoded into, so that a batch takes as much memory as it has
// bytes, and grows without a copy. Chunks are of 4, 4, 8, 16, 32 and then always 64 KiB: the first
// ones fill 64 KiB together. They come from a pool, which all batches of a producer share and any
// thread may use.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "runtime/outside.h"

namespace barnabas::client {

class chunk_pool {
 public:
  using chunk = std::unique_ptr<std::byte[]>;

  static constexpr std::size_t smallest_bytes = std::size_t{4} << 10;
  static constexpr std::size_t largest_bytes = std::size_t{64} << 10;
  // Of the chunk with that number in a sequence.
  static constexpr std::size_t bytes_of(std::size_t index) {
    return index == 0 ? smallest_bytes : std::min(smallest_bytes << (index - 1), largest_bytes);
  }

  chunk take(std::size_t index);
  // A sequence from its chunk with number `from` on; keeps the rest.
  void give(std::vector<chunk>& sequence, std::size_t from);
  std::size_t free_bytes() const;

 private:
  static constexpr std::size_t most_free_bytes = std::size_t{64} << 20;
  static constexpr std::size_t sizes = 5;
  static std::size_t size_class(std::size_t index) {
    return index == 0 ? 0 : std::min(index - 1, sizes - 1);
  }

  mutable runtime::lock lock_;
  std::array<std::vector<chunk>, sizes> free_;
  std::size_t free_bytes_ = 0;
};

class chunked_bytes {
 public:
  // The pool outlives it.
  explicit chunked_bytes(chunk_pool& pool) : pool_(pool) {}
  ~chunked_bytes() { clear(); }
  chunked_bytes(const chunked_bytes&) = delete;
  chunked_bytes& operator=(const chunked_bytes&) = delete;

  std::size_t size() const { return whole_bytes_ + used_; }
  // Contiguous bytes that can be written at() before the next chunk.
  std::size_t room() const { return capacity_ - used_; }
  std::byte* at() { return last_ + used_; }
  void wrote(std::size_t bytes) { used_ += bytes; }
  // Over as many chunks as it takes.
  void append(bytes_view bytes);
  // In order; they live until the next change.
  void add_parts(std::vector<bytes_view>& parts) const;
  // Other bytes in place of all, in its chunks.
  void assign(bytes_view bytes);
  // Gives back the memory.
  void clear();

 private:
  void add_chunk();
  void restart();

  chunk_pool& pool_;
  std::vector<chunk_pool::chunk> chunks_;
  std::size_t count_ = 0;        // of chunks that hold bytes
  std::size_t whole_bytes_ = 0;  // in those before the last
  std::byte* last_ = nullptr;
  std::size_t capacity_ = 0;  // of the last
  std::size_t used_ = 0;
};

}  // namespace barnabas::client
