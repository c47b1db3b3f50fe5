#include "client/security_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "client/token_sources.h"
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

// The value of name=value in a text of such pairs by spaces; empty without it.
std::string_view pair_value(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

// Tokens of the program's own.
result<> set_token_source(const std::string& name, rpc::sasl_settings& sasl) {
  const auto source = find_token_source(name);
  if (!source) {
    return refuse("sasl.oauthbearer.token.source: set_token_source() was given nothing named " +
                  name);
  }
  sasl.token = [ask = *source](std::int64_t) -> result<security::bearer_token> {
    auto made = ask();
    if (!made) {
      return fail(error_code::sasl_authentication_failed, made.error().message);
    }
    return security::bearer_token{.value = std::move(made->value),
                                  .extensions = std::move(made->extensions)};
  };
  return {};
}

result<> set_token(const setting_values& values, rpc::sasl_settings& sasl) {
  if (values.was_given("sasl.oauthbearer.token.source")) {
    return set_token_source(values.text("sasl.oauthbearer.token.source"), sasl);
  }
  if (!values.flag("enable.sasl.oauthbearer.unsecure.jwt")) {
    return refuse(
        "sasl.mechanisms=OAUTHBEARER needs sasl.oauthbearer.token.source, or "
        "enable.sasl.oauthbearer.unsecure.jwt=true makes unsecured tokens");
  }
  const std::string& text = values.text("sasl.oauthbearer.config");
  const std::string principal(pair_value(text, "principal"));
  const std::string scope(pair_value(text, "scope"));
  const std::string_view life = pair_value(text, "lifeSeconds");
  std::int64_t life_s = 3600;
  std::from_chars(life.data(), life.data() + life.size(), life_s);
  if (principal.empty() || life_s <= 0) {
    return refuse(
        "sasl.oauthbearer.config: principal=NAME is missing, or lifeSeconds is no number");
  }
  sasl.token = [=](std::int64_t now_ms) -> result<security::bearer_token> {
    return security::bearer_token{
        .value = security::unsecured_token(principal, scope, now_ms, life_s), .extensions = {}};
  };
  return {};
}

result<rpc::sasl_settings> sasl_of(const setting_values& values) {
  rpc::sasl_settings sasl{.mechanism = values.text("sasl.mechanisms"),
                          .user = values.text("sasl.username"),
                          .password = values.text("sasl.password")};
  if (sasl.mechanism == "GSSAPI") {
    return refuse(
        "sasl.mechanisms: GSSAPI is not spoken here; PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 "
        "and OAUTHBEARER are");
  }
  if (sasl.mechanism == "OAUTHBEARER") {
    const auto set = set_token(values, sasl);
    return set ? result<rpc::sasl_settings>(std::move(sasl)) : fail(set.error());
  }
  if (sasl.user.empty() || sasl.password.empty()) {
    return refuse(fmt::format("sasl.mechanisms={} needs {}", sasl.mechanism,
                              sasl.user.empty() ? "sasl.username" : "sasl.password"));
  }
  return sasl;
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
    auto sasl = sasl_of(values);
    if (!sasl) {
      return fail(std::move(sasl.error()));
    }
    all.sasl = std::make_shared<const rpc::sasl_settings>(std::move(*sasl));
  }
  return all;
}

}  // namespace barnabas::client
