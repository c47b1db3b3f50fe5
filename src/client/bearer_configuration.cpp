#include "client/bearer_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "client/token_sources.h"

namespace barnabas::client {
namespace {

std::unexpected<error> refuse(const std::string& what) {
  return fail(error_code::invalid_config, what);
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

bool is_alphabetic(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char each) { return std::isalpha(each) != 0; });
}
bool is_extension_value(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char each) {
    return std::isprint(each) != 0 || each == '\t' || each == '\r' || each == '\n';
  });
}

// Names and values as RFC 7628, 3.1 has them.
result<> add_extension(std::string_view setting, std::string_view name, std::string_view value,
                       std::map<std::string, std::string>& to) {
  if (!is_alphabetic(name) || name == "auth" || !is_extension_value(value)) {
    return refuse(fmt::format(
        "{}: {}={} is no extension; a name has letters only and is not auth, and a value is text",
        setting, name, value));
  }
  to.emplace(name, value);
  return {};
}

// name=value by commas.
result<> add_extensions(std::string_view text, std::map<std::string, std::string>& to) {
  constexpr std::string_view setting = "sasl.oauthbearer.extensions";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      return refuse(fmt::format("{}: = is missing in {}", setting, pair));
    }
    if (auto added = add_extension(setting, pair.substr(0, equals), pair.substr(equals + 1), to);
        !added) {
      return added;
    }
  }
  return {};
}

security::tls_settings tls_of_https(const setting_values& values) {
  security::tls_settings tls;
  const std::string& location = values.text("https.ca.location");
  const bool is_inline = values.was_given("https.ca.pem");
  tls.trust = {.setting = is_inline ? "https.ca.pem" : "https.ca.location",
               .location = is_inline || location == "probe" ? "" : location,
               .content = values.text("https.ca.pem")};
  return tls;
}

// What the settings say, else what the login module does (Java's form of it before KIP-1139).
std::string either(const setting_values& values, std::string_view setting,
                   const login_module& login, std::string_view option) {
  return values.was_given(setting) ? values.text(setting) : std::string(login.option(option));
}

result<token_endpoint> endpoint_of(const setting_values& values, const login_module& login) {
  const std::string& address = values.text("sasl.oauthbearer.token.endpoint.url");
  if (address.empty()) {
    return refuse("sasl.oauthbearer.method=oidc needs sasl.oauthbearer.token.endpoint.url");
  }
  auto at = http::url::parse(address);
  if (!at) {
    return refuse("sasl.oauthbearer.token.endpoint.url: " + at.error().message);
  }
  token_endpoint from{
      .at = std::move(*at),
      .client_id = either(values, "sasl.oauthbearer.client.id", login, "clientId"),
      .client_secret = either(values, "sasl.oauthbearer.client.secret", login, "clientSecret"),
      .scope = either(values, "sasl.oauthbearer.scope", login, "scope"),
      .encodes_credentials = values.flag("sasl.oauthbearer.header.urlencode"),
      .tls = tls_of_https(values)};
  for (const auto& [value, name] :
       {std::pair(&from.client_id, "sasl.oauthbearer.client.id"),
        std::pair(&from.client_secret, "sasl.oauthbearer.client.secret")}) {
    if (value->empty()) {
      return refuse(fmt::format("sasl.oauthbearer.token.endpoint.url needs {}", name));
    }
  }
  auto added = add_extensions(values.text("sasl.oauthbearer.extensions"), from.extensions);
  constexpr std::string_view extension = "extension_";
  for (const auto& [name, value] : login.options) {
    if (added && name.starts_with(extension)) {
      added =
          add_extension("sasl.jaas.config", name.substr(extension.size()), value, from.extensions);
    }
  }
  return added ? result<token_endpoint>(std::move(from)) : fail(added.error());
}

// Java says by a class what sasl.oauthbearer.method does, and needs the address in either case.
result<bool> asks_endpoint(const setting_values& values) {
  const std::string& handler = values.text("sasl.login.callback.handler.class");
  if (!handler.empty() && !handler.ends_with(".OAuthBearerLoginCallbackHandler")) {
    return refuse("sasl.login.callback.handler.class: " + handler +
                  " is not known here; set_token_source() gives tokens of the program's own");
  }
  return values.was_given("sasl.oauthbearer.method")
             ? values.text("sasl.oauthbearer.method") == "oidc"
             : values.was_given("sasl.oauthbearer.token.endpoint.url");
}

}  // namespace

result<> set_token(const setting_values& values, const login_module& login,
                   rpc::sasl_settings& sasl, std::optional<token_endpoint>& tokens) {
  const auto is_asked = asks_endpoint(values);
  if (!is_asked) {
    return fail(is_asked.error());
  }
  if (*is_asked) {
    auto from = endpoint_of(values, login);
    if (!from) {
      return fail(from.error());
    }
    tokens = std::move(*from);
    return {};
  }
  if (values.was_given("sasl.oauthbearer.token.source")) {
    return set_token_source(values.text("sasl.oauthbearer.token.source"), sasl);
  }
  if (!login.options.empty()) {
    return set_unsecured_token(
        claims_of(login),
        "sasl.jaas.config: OAuthBearerLoginModule needs unsecuredLoginStringClaim_sub and "
        "unsecuredLoginLifetimeSeconds above 0; tokens that are signed come from "
        "sasl.oauthbearer.token.endpoint.url or sasl.oauthbearer.token.source",
        sasl);
  }
  if (!values.flag("enable.sasl.oauthbearer.unsecure.jwt")) {
    return refuse(
        "sasl.mechanisms=OAUTHBEARER needs sasl.oauthbearer.method=oidc and what it asks for, or "
        "sasl.oauthbearer.token.source; enable.sasl.oauthbearer.unsecure.jwt=true makes unsecured "
        "tokens");
  }
  const std::string& text = values.text("sasl.oauthbearer.config");
  return set_unsecured_token(
      {.principal = std::string(pair_value(text, "principal")),
       .scope = std::string(pair_value(text, "scope")),
       .life_s = pair_value(text, "lifeSeconds")},
      "sasl.oauthbearer.config: principal=NAME is missing, or lifeSeconds is no number", sasl);
}

}  // namespace barnabas::client
