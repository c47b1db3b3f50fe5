#include "storage/key_offsets.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace barnabas::storage {

namespace {

// So that probing ends soon where memory is no matter.
constexpr double roomy_load_factor = 0.7;

std::size_t slot_count(std::int64_t memory_bytes, std::int64_t most_keys) {
  const auto affordable = memory_bytes / static_cast<std::int64_t>(key_offsets::slot_bytes);
  const auto wanted = static_cast<double>(most_keys) / roomy_load_factor + 1;
  const double slots = std::min(static_cast<double>(affordable), wanted);
  return static_cast<std::size_t>(std::max(slots, 2.0));
}

}  // namespace

key_offsets::key_offsets(std::int64_t memory_bytes, double load_factor, std::int64_t most_keys,
                         std::uint64_t seed)
    : slots_(slot_count(memory_bytes, most_keys)), seed_(seed) {
  // One slot stays free, for that is where probing ends.
  const auto usable = static_cast<std::size_t>(static_cast<double>(slots_.size()) *
                                               std::clamp(load_factor, 0.0, 1.0));
  capacity_ = std::clamp<std::size_t>(usable, 1, slots_.size() - 1);
}

key_digest key_offsets::digest_of(bytes_view key) const {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(key.data(), key.size(), seed_);
  return {hash.low64, hash.high64};
}

std::size_t key_offsets::place_of(const key_digest& digest) const {
  const auto wide = static_cast<unsigned __int128>(digest.low) * slots_.size();
  return static_cast<std::size_t>(wide >> 64);
}

std::size_t key_offsets::find_place(const key_digest& digest) const {
  std::size_t place = place_of(digest);
  while (slots_[place].offset_and_one != 0 && slots_[place].digest != digest) {
    place = place + 1 == slots_.size() ? 0 : place + 1;
  }
  return place;
}

bool key_offsets::put(const key_digest& digest, std::int64_t offset) {
  slot& found = slots_[find_place(digest)];
  if (found.offset_and_one == 0) {
    if (size_ == capacity_) {
      return false;
    }
    ++size_;
    found.digest = digest;
  }
  found.offset_and_one = offset + 1;
  return true;
}

std::int64_t key_offsets::find(const key_digest& digest) const {
  return slots_[find_place(digest)].offset_and_one - 1;
}

}  // namespace barnabas::storage
