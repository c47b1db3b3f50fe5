// Searching the bytes of an index: entries of a fixed size, in growing order, with blank ones
// behind them when Kafka had no time to cut its file to size. An entry type has encoded_bytes,
// decode() and is_blank().
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace barnabas::storage {

// How many of the first `count` entries `is_before` holds for; it holds for the first ones only.
template <class Entry, class Predicate>
std::size_t count_entries_while(bytes_view index, std::size_t count, Predicate is_before) {
  std::size_t first = 0;
  while (count > 0) {
    const std::size_t half = count / 2;
    if (is_before(Entry::decode(index.data() + (first + half) * Entry::encoded_bytes))) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return first;
}

template <class Entry>
std::size_t count_entries(bytes_view index) {
  return count_entries_while<Entry>(index, index.size() / Entry::encoded_bytes,
                                    [](const Entry& entry) { return !entry.is_blank(); });
}

template <class Entry>
Entry entry_at(bytes_view index, std::size_t at) {
  return Entry::decode(index.data() + at * Entry::encoded_bytes);
}

}  // namespace barnabas::storage
