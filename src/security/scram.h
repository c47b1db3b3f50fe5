// What SCRAM (RFC 5802, RFC 7677) makes of a password: the salted password, which a client derives
// and an admin client sends, and the two keys of it that a broker keeps. Pure values.
//
// As in Kafka, a password is its UTF-8 bytes: nothing is normalized (no SASLprep).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "security/digest.h"

namespace barnabas::security {

// With the numbers of Kafka's ScramMechanism in Describe- and AlterUserScramCredentials.
enum class scram_mechanism : std::int8_t { sha_256 = 1, sha_512 = 2 };

inline constexpr std::array scram_mechanisms = {scram_mechanism::sha_256, scram_mechanism::sha_512};

// The fewest and the most iterations that Kafka takes.
inline constexpr int least_scram_iterations = 4096;
inline constexpr int most_scram_iterations = 16384;

digest digest_of(scram_mechanism mechanism);
std::string_view name_of(scram_mechanism mechanism);  // "SCRAM-SHA-256"
std::optional<scram_mechanism> scram_mechanism_of(std::string_view name);

// Hi(password, salt, iterations).
std::string salted_password(scram_mechanism mechanism, std::string_view password,
                            std::string_view salt, int iterations);

// What a server needs to check a user and to prove itself; no password follows from it.
struct scram_credential {
  std::string salt;
  std::string stored_key;  // H(ClientKey)
  std::string server_key;
  int iterations = 0;

  bool operator==(const scram_credential&) const = default;
};
scram_credential make_scram_credential(scram_mechanism mechanism, std::string salt, int iterations,
                                       std::string_view salted_password);

}  // namespace barnabas::security
