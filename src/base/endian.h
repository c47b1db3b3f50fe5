// Big-endian loads and stores: the byte order of Kafka's protocol and files.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace barnabas {

// Reads sizeof(T) bytes at `at`; the caller has checked that they are there.
template <std::integral T>
T load_big_endian(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

template <std::integral T>
void store_big_endian(std::byte* at, T value) {
  if constexpr (std::endian::native == std::endian::little) {
    value = std::byteswap(value);
  }
  std::memcpy(at, &value, sizeof(T));
}

}  // namespace barnabas
