// Sends any bytes to a whole broker in a simulated world, over a connection of their own.
// Afterwards the broker must still answer another client, hold no connection, and stop in less than
// a second.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

namespace barnabas::broker {

// What is wrong, else empty. The same for the same seed and bytes.
std::string send_to_a_broker(std::uint64_t seed, std::span<const bytes_view> pieces);

}  // namespace barnabas::broker
