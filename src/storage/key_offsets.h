// The newest offset of each key in the part of a log that is to be compacted. Made for one round on
// a file thread; its memory is allocated once, 24 bytes a key, and never grows.
//   slot = digest:128 bits, offset + 1:int64          (0: free; open addressing, linear probing)
// A key is known by its digest only. XXH3 with 128 bits: at 10 million keys two of them share a
// digest with a probability of 1.5e-25, and because the seed is drawn anew for each round nobody
// can prepare keys that do. It takes 5 ns for a short key, where OpenSSL's MD5 takes 150.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace barnabas::storage {

struct key_digest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const key_digest&) const = default;
};

class key_offsets {
 public:
  static constexpr std::size_t slot_bytes = 24;
  static constexpr std::int64_t no_offset = -1;

  // Takes at most `memory_bytes`, less if `most_keys` need less; a share of `load_factor` of the
  // slots is used.
  key_offsets(std::int64_t memory_bytes, double load_factor, std::int64_t most_keys,
              std::uint64_t seed);

  key_digest digest_of(bytes_view key) const;
  // The slot will be wanted soon.
  void prefetch(const key_digest& digest) const { __builtin_prefetch(&slots_[place_of(digest)]); }

  // False, and nothing has changed, when there is no room for another key.
  bool put(const key_digest& digest, std::int64_t offset);
  // no_offset when the key is not there.
  std::int64_t find(const key_digest& digest) const;

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

 private:
  struct slot {
    key_digest digest;
    std::int64_t offset_and_one = 0;
  };
  static_assert(sizeof(slot) == slot_bytes);

  std::size_t place_of(const key_digest& digest) const;
  // Where the key is or would be.
  std::size_t find_place(const key_digest& digest) const;

  std::vector<slot> slots_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  std::uint64_t seed_;
};

}  // namespace barnabas::storage
