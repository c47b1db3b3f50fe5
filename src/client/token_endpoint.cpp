#include "client/token_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <charconv>
#include <cmath>

#include "security/base64.h"

namespace barnabas::client {
namespace {

namespace json = boost::json;

// As much of a server's words as an error has room for.
constexpr std::size_t most_words = 300;
constexpr double longest_life_s = 10.0 * 365 * 24 * 3600;

std::unexpected<error> refuse(const token_endpoint& from, const std::string& why) {
  return fail(error_code::sasl_authentication_failed, from.at.text() + ": " + why);
}

// application/x-www-form-urlencoded (RFC 6749, appendix B).
std::string form_encoded(std::string_view text) {
  std::string encoded;
  for (const char each : text) {
    const auto code = static_cast<unsigned char>(each);
    if (std::isalnum(code) != 0 || std::string_view("-._*").find(each) != std::string_view::npos) {
      encoded += each;
    } else {
      encoded += each == ' ' ? "+" : fmt::format("%{:02X}", code);
    }
  }
  return encoded;
}

std::optional<json::object> object_in(std::string_view text) {
  boost::system::error_code problem;
  json::value value = json::parse(json::string_view(text.data(), text.size()), problem);
  return problem || !value.is_object() ? std::nullopt : std::optional(std::move(value.as_object()));
}

std::string text_in(const json::object& from, const char* key) {
  const json::value* const value = from.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

// A number, or one that is written as a text.
std::optional<double> number_in(const json::object& from, const char* key) {
  const json::value* const value = from.if_contains(key);
  boost::system::error_code problem;
  if (value != nullptr && value->is_number()) {
    return value->to_number<double>(problem);
  }
  const std::string text = value != nullptr ? text_in(from, key) : std::string();
  double number = 0;
  const char* const behind = text.data() + text.size();
  const auto read = std::from_chars(text.data(), behind, number);
  return !text.empty() && read.ec == std::errc() && read.ptr == behind ? std::optional(number)
                                                                       : std::nullopt;
}

std::string printable(std::string text) {
  text.resize(std::min(text.size(), most_words));
  std::ranges::replace_if(text, [](unsigned char each) { return std::iscntrl(each) != 0; }, ' ');
  return text;
}

// "401 Unauthorized: invalid_client: it is not known".
std::string words_of(const http::answer& answer) {
  std::string words = fmt::format("{} {}", answer.status, answer.reason);
  const auto said = object_in(answer.body);
  for (const char* const key : {"error", "error_description"}) {
    const std::string text = said ? text_in(*said, key) : "";
    words += text.empty() ? "" : ": " + text;
  }
  return printable(words);
}

// b64token (RFC 6750, 2.1): nothing that could end the token in SASL's message.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char each) {
    return std::isalnum(static_cast<unsigned char>(each)) != 0 ||
           std::string_view("-._~+/=").find(each) != std::string_view::npos;
  });
}

// Where the token is one of JSON (RFC 7519), until when it is good, in seconds since 1970.
std::optional<double> expiry_in(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    return std::nullopt;
  }
  const auto claims = security::from_base64_url(token.substr(first + 1, second - first - 1));
  const auto read = claims ? object_in(*claims) : std::nullopt;
  return read ? number_in(*read, "exp") : std::nullopt;
}

// The server's own count stands first: it does not depend on two clocks.
std::optional<runtime::duration> life_of(const json::object& answer, std::string_view token,
                                         std::int64_t wall_clock_ms) {
  auto life_s = number_in(answer, "expires_in");
  if (!life_s) {
    const auto expiry_s = expiry_in(token);
    life_s = expiry_s ? std::optional(*expiry_s - static_cast<double>(wall_clock_ms) / 1000)
                      : std::nullopt;
  }
  if (!life_s || std::isnan(*life_s)) {
    return std::nullopt;
  }
  const double bounded_s = std::clamp(*life_s, 0.0, longest_life_s);
  return std::chrono::milliseconds(static_cast<std::int64_t>(bounded_s * 1000));
}

bool is_trouble(int status) {
  return status == 408 || status == 429 || status >= 500;
}

}  // namespace

http::request token_request(const token_endpoint& to) {
  const auto written = [&](const std::string& text) {
    return to.encodes_credentials ? form_encoded(text) : text;
  };
  const std::string credentials = written(to.client_id) + ':' + written(to.client_secret);
  std::string body = "grant_type=client_credentials";
  if (!to.scope.empty()) {
    body += "&scope=" + form_encoded(to.scope);
  }
  return {.to = to.at,
          .header = {{"Authorization", "Basic " + security::to_base64(credentials)},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}},
          .body = std::move(body)};
}

result<issued_token> read_token(const token_endpoint& from, const http::answer& answer,
                                std::int64_t wall_clock_ms) {
  if (is_trouble(answer.status)) {
    return fail(error_code::network_exception, from.at.text() + ": " + words_of(answer));
  }
  if (answer.status < 200 || answer.status >= 300) {
    return refuse(from, words_of(answer));
  }
  const auto said = object_in(answer.body);
  if (!said) {
    return refuse(from, "its answer is no object of JSON");
  }
  issued_token issued{
      .token = {.value = text_in(*said, "access_token"), .extensions = from.extensions}};
  if (!is_token(issued.token.value)) {
    return refuse(from, said->contains("access_token") ? "its access_token is no bearer token"
                                                       : "its answer has no access_token");
  }
  const auto life = life_of(*said, issued.token.value, wall_clock_ms);
  if (!life) {
    return refuse(from,
                  "it does not say how long its token lives: there is neither expires_in, "
                  "nor exp in a JSON web token");
  }
  if (*life == runtime::duration::zero()) {
    return refuse(from, "its token has expired already, by this machine's clock");
  }
  issued.life = *life;
  return issued;
}

}  // namespace barnabas::client
