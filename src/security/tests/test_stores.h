// Keys and certificates of tests/data/security as settings.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "security/tls_context.h"

namespace barnabas::security {

constexpr std::int64_t day_of_tests_ms = 1'800'000'000'000;  // in 2027

inline std::string test_file(const std::string& name) {
  std::ifstream in(BARNABAS_TEST_DATA "/security/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline tls_store test_store(std::string setting, const std::string& file,
                            std::optional<std::string> password = std::nullopt) {
  return {.setting = std::move(setting),
          .location = file,
          .content = test_file(file),
          .password = std::move(password),
          .password_setting = "ssl.keystore.password"};
}

inline tls_settings client_settings() {
  return {.trust = test_store("ssl.ca.location", "root.pem")};
}
inline tls_settings client_with_certificate() {
  tls_settings all = client_settings();
  all.certificate = test_store("ssl.certificate.location", "client.pem");
  all.key = test_store("ssl.key.location", "client.key");
  return all;
}
inline tls_settings server_settings(const std::string& certificate = "broker.pem") {
  tls_settings all{.certificate = test_store("ssl.keystore.location", certificate),
                   .key = test_store("ssl.keystore.key", "broker.key")};
  all.verifies_server = false;
  return all;
}

inline tls_context context_of(tls_role role, const tls_settings& settings,
                              std::int64_t now_ms = day_of_tests_ms) {
  auto made = tls_context::make(role, settings, now_ms);
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value();
}

}  // namespace barnabas::security
