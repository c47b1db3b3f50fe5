#include "base/crc32c.h"

#include <isa-l/crc.h>

namespace barnabas {

std::uint32_t crc32c(bytes_view bytes, std::uint32_t previous) {
  // ISA-L leaves both inversions of the standard to the caller, and takes lengths as int.
  std::uint32_t state = ~previous;
  while (!bytes.empty()) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), 1u << 30);
    auto* data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes.data()));
    state = crc32_iscsi(data, static_cast<int>(part), state);
    bytes = bytes.subspan(part);
  }
  return ~state;
}

}  // namespace barnabas
