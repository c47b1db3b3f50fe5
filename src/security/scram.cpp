#include "security/scram.h"

namespace barnabas::security {

digest digest_of(scram_mechanism mechanism) {
  return mechanism == scram_mechanism::sha_256 ? digest::sha_256 : digest::sha_512;
}

std::string_view name_of(scram_mechanism mechanism) {
  return mechanism == scram_mechanism::sha_256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512";
}

std::optional<scram_mechanism> scram_mechanism_of(std::string_view name) {
  for (const auto each : scram_mechanisms) {
    if (name == name_of(each)) {
      return each;
    }
  }
  return std::nullopt;
}

std::string salted_password(scram_mechanism mechanism, std::string_view password,
                            std::string_view salt, int iterations) {
  return pbkdf2(digest_of(mechanism), password, salt, iterations);
}

scram_credential make_scram_credential(scram_mechanism mechanism, std::string salt, int iterations,
                                       std::string_view salted_password) {
  const digest kind = digest_of(mechanism);
  return {.salt = std::move(salt),
          .stored_key = hash(kind, hmac(kind, salted_password, "Client Key")),
          .server_key = hmac(kind, salted_password, "Server Key"),
          .iterations = iterations};
}

}  // namespace barnabas::security
