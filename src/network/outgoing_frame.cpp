#include "network/outgoing_frame.h"

namespace barnabas::network {

std::int64_t outgoing_frame::size_bytes() const {
  auto total = static_cast<std::int64_t>(bytes.size());
  for (const insertion& it : insertions) {
    total += it.slice.length;
  }
  return total;
}

}  // namespace barnabas::network
