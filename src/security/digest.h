// Hashes and what is made of them: SHA-256 and SHA-512, HMAC (RFC 2104), PBKDF2 (RFC 8018), and a
// comparison whose time says nothing about where two secrets differ. Pure functions of any shard.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace barnabas::security {

enum class digest : std::uint8_t { sha_256, sha_512 };

// The bytes of a hash, as text: 32 or 64 of them.
std::string hash(digest kind, std::string_view bytes);
std::string hmac(digest kind, std::string_view key, std::string_view bytes);
// As many bytes as the hash has. `iterations` is above 0; 4096 take about a millisecond.
std::string pbkdf2(digest kind, std::string_view password, std::string_view salt, int iterations);

bool is_same_secret(std::string_view one, std::string_view other);

}  // namespace barnabas::security
