// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of record batches of magic 2.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace barnabas {

// Continue a checksum by passing the earlier result as `previous`.
std::uint32_t crc32c(bytes_view bytes, std::uint32_t previous = 0);

}  // namespace barnabas
