#include "security/java_key_store.h"

#include "test_stores.h"

// The data: BARNABAS_TEST_DATA.
namespace barnabas::security {
namespace {

using testing::HasSubstr;

TEST(java_key_store, has_the_keys_and_certificates_that_keytool_put_in) {
  const auto keys = read_java_key_store(test_file("client.jks"), "secret");
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->keys.size(), 1u);
  EXPECT_EQ(keys->keys.front().alias, "client");
  EXPECT_EQ(keys->keys.front().chain.size(), 2u);
  EXPECT_TRUE(decrypt_java_key(keys->keys.front().encrypted_key, "secret"));
  EXPECT_THAT(decrypt_java_key(keys->keys.front().encrypted_key, "Secret").error().message,
              HasSubstr("password of the key is wrong"));
  const auto trusted = read_java_key_store(test_file("trust.jks"), "secret");
  ASSERT_TRUE(trusted) << trusted.error().message;
  EXPECT_EQ(trusted->trusted.size(), 2u);
  EXPECT_TRUE(trusted->keys.empty());
}

TEST(java_key_store, is_checked_with_its_password) {
  std::string bytes = test_file("trust.jks");
  EXPECT_FALSE(read_java_key_store(bytes, "wrong"));
  bytes[100] ^= 1;
  EXPECT_FALSE(read_java_key_store(bytes, "secret")) << "a bit has changed";
  EXPECT_TRUE(read_java_key_store(bytes, std::nullopt));
}

TEST(java_key_store, is_refused_when_it_ends_anywhere) {
  const std::string bytes = test_file("client.jks");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(read_java_key_store(std::string_view(bytes).substr(0, length), std::nullopt))
        << length;
  }
  EXPECT_FALSE(read_java_key_store(bytes + "more", std::nullopt));
}

TEST(java_key_store, announces_no_more_than_there_is) {
  std::string bytes = test_file("trust.jks");
  for (std::size_t at = 8; at < 12; ++at) {
    bytes[at] = '\xFF';  // 4 billion entries
  }
  EXPECT_THAT(read_java_key_store(bytes, std::nullopt).error().message, HasSubstr("ends in"));
}

}  // namespace
}  // namespace barnabas::security
