#include "security/scram.h"

#include <gtest/gtest.h>

namespace barnabas::security {
namespace {

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// The salt of RFC 7677's example; what follows from it was computed with Python's hashlib.
const std::string salt = bytes_of("5b6d99689d12358eeca04b141236fa81");

TEST(scram, derives_the_keys_of_sha_256) {
  const std::string salted = salted_password(scram_mechanism::sha_256, "pencil", salt, 4096);
  EXPECT_EQ(salted, bytes_of("c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d"));
  const auto made = make_scram_credential(scram_mechanism::sha_256, salt, 4096, salted);
  EXPECT_EQ(made.stored_key,
            bytes_of("586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6"));
  EXPECT_EQ(made.server_key,
            bytes_of("c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5"));
}

TEST(scram, derives_the_keys_of_sha_512) {
  const std::string salted = salted_password(scram_mechanism::sha_512, "pencil", salt, 4096);
  EXPECT_EQ(salted, bytes_of("f16efe1be67f1d09502ebd5ed9262fddffba5a377ab4f0b687e5ed5ba0f50686"
                             "b8a4ae166476da8ab3b951d2fa9238b63998f45461bc33a464814949cec9631d"));
  const auto made = make_scram_credential(scram_mechanism::sha_512, salt, 4096, salted);
  EXPECT_EQ(made.stored_key,
            bytes_of("e8002e6f7d3ae446119b216933644dc2a2be7869eb918b8459b5e7d7d2ec1260"
                     "6aceef106825cd735170a675fd3611f684affad1dce3f43a0ee43bd590e1dbbe"));
  EXPECT_EQ(made.server_key,
            bytes_of("8d91db6230b5687874fe129bc7206e1858c3ae08e02934f57ac03b6b05a229c4"
                     "59d28ff46f5c9611e6c179256490215ec1ff759cb0df285db89af0f99e613aac"));
}

TEST(scram, knows_its_mechanisms_by_name) {
  EXPECT_EQ(scram_mechanism_of("SCRAM-SHA-512"), scram_mechanism::sha_512);
  EXPECT_EQ(name_of(scram_mechanism::sha_256), "SCRAM-SHA-256");
  EXPECT_EQ(scram_mechanism_of("SCRAM-SHA-1"), std::nullopt);
}

}  // namespace
}  // namespace barnabas::security
