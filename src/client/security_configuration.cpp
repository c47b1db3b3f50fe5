#include "client/security_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "client/bearer_configuration.h"
#include "client/login_module.h"
#include "security/tls_versions.h"

namespace barnabas::client {
namespace {

std::unexpected<error> refuse(const std::string& what) {
  return fail(error_code::invalid_config, what);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char each) { return std::tolower(each); });
  return text;
}

std::optional<std::string> given(const setting_values& values, std::string_view name) {
  return values.was_given(name) ? std::optional(values.text(name)) : std::nullopt;
}

security::tls_store store_of(const setting_values& values, std::string_view place,
                             std::string_view inline_text) {
  const std::string& location = values.text(place);
  return {.setting =
              std::string(location.empty() && values.was_given(inline_text) ? inline_text : place),
          .location = location,
          .content = values.text(inline_text)};
}

// The client's certificate and key: from one key store, or from a place of each.
result<> set_identity(const setting_values& values, security::tls_settings& tls) {
  tls.key_password = given(values, "ssl.key.password");
  if (values.was_given("ssl.keystore.location")) {
    tls.certificate = {.setting = "ssl.keystore.location",
                       .location = values.text("ssl.keystore.location"),
                       .password = given(values, "ssl.keystore.password"),
                       .password_setting = "ssl.keystore.password"};
    return {};
  }
  tls.certificate = store_of(values, "ssl.certificate.location", "ssl.certificate.pem");
  tls.key = store_of(values, "ssl.key.location", "ssl.key.pem");
  return tls.certificate.is_set() == tls.key.is_set()
             ? result<>{}
             : refuse(tls.key.is_set() ? "ssl.key.location is set without ssl.certificate.location"
                                       : "ssl.certificate.location is set without "
                                         "ssl.key.location");
}

result<security::tls_settings> tls_of(const setting_values& values) {
  security::tls_settings tls;
  tls.trust = store_of(values, "ssl.ca.location", "ssl.ca.pem");
  if (tls.trust.location == "probe") {
    tls.trust.location.clear();
  }
  tls.trust.password = given(values, "ssl.truststore.password");
  tls.trust.password_setting = "ssl.truststore.password";
  tls.revocations = {.setting = "ssl.crl.location", .location = values.text("ssl.crl.location")};
  tls.cipher_suites = values.text("ssl.cipher.suites");
  tls.curves = values.text("ssl.curves.list");
  tls.signature_algorithms = values.text("ssl.sigalgs.list");
  tls.verifies_server = values.flag("enable.ssl.certificate.verification");
  tls.verifies_host = lower(values.text("ssl.endpoint.identification.algorithm")) == "https";
  const std::string& versions = values.text("ssl.enabled.protocols");
  if (!security::set_versions(tls, versions)) {
    return refuse("ssl.enabled.protocols: neither TLSv1.2 nor TLSv1.3 is in " + versions);
  }
  auto set = set_identity(values, tls);
  return set ? result<security::tls_settings>(std::move(tls)) : fail(std::move(set.error()));
}

// The login modules that there are here, by the names of their classes and of what they speak.
struct known_module {
  std::string_view name;
  std::string_view mechanisms;  // the beginning of their names
};
constexpr std::array known_modules = {
    known_module{"org.apache.kafka.common.security.plain.PlainLoginModule", "PLAIN"},
    known_module{"org.apache.kafka.common.security.scram.ScramLoginModule", "SCRAM-"},
    known_module{"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
                 "OAUTHBEARER"}};

// Of sasl.jaas.config; one without options where it is not given.
result<login_module> login_of(const setting_values& values, const std::string& mechanism) {
  if (!values.was_given("sasl.jaas.config")) {
    return login_module();
  }
  for (const std::string_view other : {"sasl.username", "sasl.password"}) {
    if (values.was_given(other)) {
      return refuse(fmt::format("sasl.jaas.config and {} both say who the client is", other));
    }
  }
  auto login = parse_login_module(values.text("sasl.jaas.config"));
  if (!login) {
    return login;
  }
  // The class may be in a package of somebody's own, as in kafkashaded.org.apache.kafka...
  const auto known = std::ranges::find_if(
      known_modules, [&](const known_module& each) { return login->name.ends_with(each.name); });
  if (known == known_modules.end()) {
    return refuse(fmt::format("sasl.jaas.config: {} is not known here; {}, {} and {} are",
                              login->name, known_modules[0].name, known_modules[1].name,
                              known_modules[2].name));
  }
  if (!mechanism.starts_with(known->mechanisms)) {
    return refuse(fmt::format("sasl.jaas.config: {} does not speak sasl.mechanisms={}", login->name,
                              mechanism));
  }
  return login;
}

// For PLAIN and SCRAM.
result<> set_user(const login_module& login, rpc::sasl_settings& sasl) {
  const bool is_from_module = !login.name.empty();
  if (is_from_module) {
    sasl.user = login.option("username");
    sasl.password = login.option("password");
    sasl.is_delegation_token = lower(std::string(login.option("tokenauth"))) == "true";
  }
  if (!sasl.user.empty() && !sasl.password.empty()) {
    return {};
  }
  return refuse(is_from_module
                    ? fmt::format("sasl.jaas.config: {} needs {}", login.name,
                                  sasl.user.empty() ? "username=\"NAME\"" : "password=\"SECRET\"")
                    : fmt::format("sasl.mechanisms={} needs {}", sasl.mechanism,
                                  sasl.user.empty() ? "sasl.username" : "sasl.password"));
}

result<rpc::sasl_settings> sasl_of(const setting_values& values,
                                   std::optional<token_endpoint>& tokens) {
  rpc::sasl_settings sasl{.mechanism = values.text("sasl.mechanisms"),
                          .user = values.text("sasl.username"),
                          .password = values.text("sasl.password")};
  if (sasl.mechanism == "GSSAPI") {
    return refuse(
        "sasl.mechanisms: GSSAPI is not spoken here; PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 "
        "and OAUTHBEARER are");
  }
  const auto login = login_of(values, sasl.mechanism);
  if (!login) {
    return fail(login.error());
  }
  const auto set = sasl.mechanism == "OAUTHBEARER" ? set_token(values, *login, sasl, tokens)
                                                   : set_user(*login, sasl);
  return set ? result<rpc::sasl_settings>(std::move(sasl)) : fail(set.error());
}

}  // namespace

result<security_configuration> make_security_configuration(const setting_values& values) {
  security_configuration all;
  const std::string protocol = lower(values.text("security.protocol"));
  if (protocol.ends_with("ssl")) {
    auto tls = tls_of(values);
    if (!tls) {
      return fail(std::move(tls.error()));
    }
    all.tls = std::move(*tls);
  }
  if (protocol.starts_with("sasl")) {
    auto sasl = sasl_of(values, all.tokens);
    if (!sasl) {
      return fail(std::move(sasl.error()));
    }
    all.sasl = std::make_shared<const rpc::sasl_settings>(std::move(*sasl));
  }
  return all;
}

}  // namespace barnabas::client
