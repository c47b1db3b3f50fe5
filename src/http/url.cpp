#include "http/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace barnabas::http {
namespace {

constexpr std::uint16_t plain_port = 80;
constexpr std::uint16_t secure_port = 443;

std::unexpected<error> refuse(std::string_view text, std::string_view why) {
  return fail(error_code::invalid_request,
              fmt::format("{}: {}", text.substr(0, text.find('?')), why));
}

bool is_visible(char each) {
  return each > ' ' && each <= '~';
}

// Takes the host off the beginning; an IPv6 address stands in brackets. Nothing when it is none.
std::optional<std::string> take_host(std::string_view& authority) {
  const bool is_bracketed = authority.starts_with('[');
  const std::size_t end = is_bracketed ? authority.find(']') : authority.find(':');
  if (is_bracketed && end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string host(is_bracketed ? authority.substr(1, end - 1) : authority.substr(0, end));
  authority.remove_prefix(std::min(authority.size(), is_bracketed ? end + 1 : end));
  return host;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const char* const behind = text.data() + text.size();
  const auto read = std::from_chars(text.data(), behind, port);
  return read.ec == std::errc() && read.ptr == behind && port > 0 ? std::optional(port)
                                                                  : std::nullopt;
}

}  // namespace

result<url> url::parse(std::string_view text) {
  if (!std::ranges::all_of(text, is_visible)) {
    return refuse(text, "an address has neither spaces nor characters outside of ASCII");
  }
  url read;
  std::string_view rest = text;
  read.is_secure = rest.starts_with("https://");
  if (!read.is_secure && !rest.starts_with("http://")) {
    return refuse(text, "an address begins with https:// or http://");
  }
  rest.remove_prefix(read.is_secure ? 8 : 7);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, end);
  rest.remove_prefix(end);
  read.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  if (authority.find('@') != std::string_view::npos) {
    // Not quoted: it may be a password.
    return fail(error_code::invalid_request, "an address with a user is not taken");
  }
  const auto host = take_host(authority);
  if (!host || host->empty()) {
    return refuse(text, "there is no host in it");
  }
  read.at = {*host, read.is_secure ? secure_port : plain_port};
  if (authority.empty()) {
    return read;
  }
  const auto port = authority.starts_with(':') ? port_of(authority.substr(1)) : std::nullopt;
  if (!port) {
    return refuse(text, "a port is a number from 1 to 65535");
  }
  read.at.port = *port;
  return read;
}

std::string url::text() const {
  return fmt::format("{}://{}{}", is_secure ? "https" : "http", at.to_string(),
                     target.substr(0, target.find('?')));
}

}  // namespace barnabas::http
