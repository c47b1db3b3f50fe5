#include "security/tls_context.h"

#include "runtime/simulated/simulation.h"
#include "test_stores.h"

// The data: BARNABAS_TEST_DATA.
namespace barnabas::security {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// What a context of these settings is refused with; "" when it is made.
std::string refusal(const tls_settings& settings) {
  const auto made = tls_context::make(tls_role::client, settings, day_of_tests_ms);
  return made ? "" : made.error().message;
}

tls_settings with_store(const std::string& file, std::optional<std::string> password) {
  tls_settings all = client_settings();
  all.certificate = test_store("ssl.keystore.location", file, std::move(password));
  return all;
}
tls_settings with_key(const std::string& file, std::optional<std::string> password) {
  tls_settings all = client_with_certificate();
  all.key = test_store("ssl.key.location", file);
  all.key_password = std::move(password);
  return all;
}
tls_settings with_trust(const std::string& file, std::optional<std::string> password) {
  return {.trust = test_store("ssl.truststore.location", file, std::move(password))};
}

TEST(tls_context, takes_keys_of_every_form) {
  EXPECT_EQ(refusal(with_key("client.key", std::nullopt)), "");
  EXPECT_EQ(refusal(with_key("client-encrypted.key", "secret")), "");
  EXPECT_EQ(refusal(with_key("client-traditional.key", "secret")), "");
  for (const char* store : {"client.p12", "client-java.p12", "client.jks"}) {
    EXPECT_EQ(refusal(with_store(store, "secret")), "") << store;
  }
  tls_settings two = with_store("two-passwords.jks", "secret");
  two.key_password = "keypass";
  EXPECT_EQ(refusal(two), "");
}

TEST(tls_context, takes_trust_of_every_form) {
  EXPECT_EQ(refusal(with_trust("trust.jks", "secret")), "");
  EXPECT_EQ(refusal(with_trust("trust.jks", std::nullopt)), "") << "not checked without a password";
  EXPECT_EQ(refusal(with_trust("trust.p12", "secret")), "");
  EXPECT_EQ(refusal(with_trust("root.pem", std::nullopt)), "");
}

TEST(tls_context, says_which_password_is_wrong_or_missing) {
  EXPECT_THAT(refusal(with_key("client-encrypted.key", "wrong")),
              AllOf(HasSubstr("ssl.key.location=client-encrypted.key"),
                    HasSubstr("the password is wrong (ssl.key.password)")));
  EXPECT_THAT(refusal(with_key("client-traditional.key", "wrong")),
              HasSubstr("the password is wrong (ssl.key.password)"));
  EXPECT_THAT(refusal(with_key("client-encrypted.key", std::nullopt)),
              HasSubstr("it is encrypted, and ssl.key.password is not set"));
  for (const char* store : {"client.p12", "client-java.p12", "client.jks"}) {
    EXPECT_THAT(refusal(with_store(store, "wrong")),
                AllOf(HasSubstr(store), HasSubstr("wrong"), HasSubstr("ssl.keystore.password")));
  }
  EXPECT_THAT(refusal(with_store("two-passwords.jks", "secret")),
              AllOf(HasSubstr("the password of the key is wrong"), HasSubstr("client")));
  EXPECT_THAT(refusal(with_trust("trust.jks", "wrong")), HasSubstr("the password is wrong"));
}

TEST(tls_context, refuses_a_key_of_another_certificate) {
  EXPECT_THAT(refusal(with_key("broker.key", std::nullopt)),
              AllOf(HasSubstr("ssl.key.location=broker.key"),
                    HasSubstr("does not belong to the certificate CN=Client,O=Barnabas")));
}

TEST(tls_context, refuses_a_certificate_of_its_own_that_has_expired) {
  tls_settings expired = server_settings("expired.pem");
  const auto made = tls_context::make(tls_role::server, expired, day_of_tests_ms);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, AllOf(HasSubstr("ssl.keystore.location=expired.pem"),
                                          HasSubstr("has expired on 2021-01-01 00:00:00 UTC")));
  const std::int64_t in_2020_ms = 1'590'000'000'000;
  EXPECT_TRUE(tls_context::make(tls_role::server, expired, in_2020_ms));
}

TEST(tls_context, refuses_stores_without_what_they_are_for) {
  EXPECT_THAT(refusal(with_store("trust.jks", "secret")), HasSubstr("no private key"));
  EXPECT_THAT(refusal(with_store("trust.p12", "secret")), HasSubstr("no private key"));
  EXPECT_THAT(refusal(with_trust("client.key", std::nullopt)), HasSubstr("no certificate"));
  EXPECT_THAT(refusal(with_trust("make", "secret")), HasSubstr("neither PEM nor PKCS#12 nor JKS"));
}

TEST(tls_context, refuses_ciphers_curves_and_algorithms_that_nobody_knows) {
  tls_settings all = client_settings();
  all.cipher_suites = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384";
  all.curves = "P-256:X25519";
  all.signature_algorithms = "ECDSA+SHA256";
  EXPECT_EQ(refusal(all), "");
  all.cipher_suites = "NO-SUCH-CIPHER";
  EXPECT_THAT(refusal(all), HasSubstr("ssl.cipher.suites: NO-SUCH-CIPHER"));
  all.cipher_suites = "";
  all.curves = "round";
  EXPECT_THAT(refusal(all), HasSubstr("ssl.curves.list"));
  all.curves = "";
  all.signature_algorithms = "none+none";
  EXPECT_THAT(refusal(all), HasSubstr("ssl.sigalgs.list"));
}

TEST(tls_files, are_read_from_files_folders_and_the_system) {
  runtime::simulated::simulation sim(1);
  runtime::file_system& files = sim.add_machine("here", 1).files();
  ASSERT_TRUE(files.create_folder("/trust/folder"));
  ASSERT_TRUE(files.replace_text("/trust/root.pem", test_file("root.pem")));
  ASSERT_TRUE(files.replace_text("/trust/stranger.pem", test_file("stranger.pem")));
  ASSERT_TRUE(files.replace_text("/trust/README", "no certificate"));
  tls_settings settings{.trust = {.setting = "ssl.ca.location", .location = "/trust/root.pem"}};
  EXPECT_EQ(load_tls_files(files, settings)->trust.content, test_file("root.pem"));
  settings.trust.location = "/trust";
  EXPECT_EQ(load_tls_files(files, settings)->trust.content,
            test_file("root.pem") + '\n' + test_file("stranger.pem") + '\n');
  settings.trust.location = "/trust/missing.pem";
  EXPECT_THAT(load_tls_files(files, settings).error().message,
              HasSubstr("ssl.ca.location=/trust/missing.pem"));
  settings.trust.location = "/trust/folder";
  EXPECT_THAT(load_tls_files(files, settings).error().message, HasSubstr("has no PEM file in it"));
  settings.trust.location = "";
  EXPECT_THAT(load_tls_files(files, settings).error().message, HasSubstr("set ssl.ca.location"));
  ASSERT_TRUE(files.create_folder("/etc/ssl/certs"));
  ASSERT_TRUE(files.replace_text("/etc/ssl/certs/ca-certificates.crt", test_file("root.pem")));
  EXPECT_EQ(load_tls_files(files, settings)->trust.content, test_file("root.pem"));
}

}  // namespace
}  // namespace barnabas::security
