#include "client/security_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "client/login_module.h"
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

// What an unsecured token says.
struct token_claims {
  std::string principal;
  std::string scope;
  std::string_view life_s;  // a number; empty: an hour
  std::map<std::string, std::string> extensions = {};
};

result<> set_unsecured_token(const token_claims& claims, std::string_view missing,
                             rpc::sasl_settings& sasl) {
  std::int64_t life_s = 3600;
  const char* const behind = claims.life_s.data() + claims.life_s.size();
  const bool is_number =
      claims.life_s.empty() || std::from_chars(claims.life_s.data(), behind, life_s).ptr == behind;
  if (claims.principal.empty() || !is_number || life_s <= 0) {
    return refuse(std::string(missing));
  }
  sasl.token = [principal = claims.principal, scope = claims.scope, extensions = claims.extensions,
                life_s](std::int64_t now_ms) -> result<security::bearer_token> {
    return security::bearer_token{
        .value = security::unsecured_token(principal, scope, now_ms, life_s),
        .extensions = extensions};
  };
  return {};
}

// As Java's OAuthBearerLoginModule makes them: a list's first character parts its values.
token_claims claims_of(const login_module& login) {
  token_claims claims{.principal = std::string(login.option("unsecuredLoginStringClaim_sub")),
                      .scope = std::string(login.option("unsecuredLoginStringClaim_scope")),
                      .life_s = login.option("unsecuredLoginLifetimeSeconds")};
  if (const auto list = login.option("unsecuredLoginListClaim_scope"); !list.empty()) {
    claims.scope = list.substr(1);
    std::ranges::replace(claims.scope, list.front(), ' ');
  }
  constexpr std::string_view extension = "unsecuredLoginExtension_";
  for (const auto& [name, value] : login.options) {
    if (name.starts_with(extension)) {
      claims.extensions[name.substr(extension.size())] = value;
    }
  }
  return claims;
}

result<> set_token(const setting_values& values, const login_module& login,
                   rpc::sasl_settings& sasl) {
  if (values.was_given("sasl.oauthbearer.token.source")) {
    return set_token_source(values.text("sasl.oauthbearer.token.source"), sasl);
  }
  if (!login.options.empty()) {
    return set_unsecured_token(
        claims_of(login),
        "sasl.jaas.config: OAuthBearerLoginModule needs unsecuredLoginStringClaim_sub and "
        "unsecuredLoginLifetimeSeconds above 0; tokens that are signed come from "
        "sasl.oauthbearer.token.source",
        sasl);
  }
  if (!values.flag("enable.sasl.oauthbearer.unsecure.jwt")) {
    return refuse(
        "sasl.mechanisms=OAUTHBEARER needs sasl.oauthbearer.token.source, or "
        "enable.sasl.oauthbearer.unsecure.jwt=true makes unsecured tokens");
  }
  const std::string& text = values.text("sasl.oauthbearer.config");
  return set_unsecured_token(
      {.principal = std::string(pair_value(text, "principal")),
       .scope = std::string(pair_value(text, "scope")),
       .life_s = pair_value(text, "lifeSeconds")},
      "sasl.oauthbearer.config: principal=NAME is missing, or lifeSeconds is no number", sasl);
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

result<rpc::sasl_settings> sasl_of(const setting_values& values) {
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
  const auto set =
      sasl.mechanism == "OAUTHBEARER" ? set_token(values, *login, sasl) : set_user(*login, sasl);
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
    auto sasl = sasl_of(values);
    if (!sasl) {
      return fail(std::move(sasl.error()));
    }
    all.sasl = std::make_shared<const rpc::sasl_settings>(std::move(*sasl));
  }
  return all;
}

}  // namespace barnabas::client
