#include "network/listener_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <charconv>
#include <map>

namespace barnabas::network {
namespace {

constexpr std::array<std::string_view, 4> protocol_names{"PLAINTEXT", "SSL", "SASL_PLAINTEXT",
                                                         "SASL_SSL"};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string in_capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

// The parts between commas, without blanks around them; none for an empty text.
std::vector<std::string_view> list_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!trimmed(text).empty()) {
    const auto comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return parts;
}

template <class... Args>
std::unexpected<error> bad(std::string_view setting, fmt::format_string<Args...> text,
                           Args&&... args) {
  return fail(error_code::invalid_config,
              fmt::format("{}: {}", setting, fmt::format(text, std::forward<Args>(args)...)));
}

using protocol_map = std::map<std::string, security_protocol, std::less<>>;

result<protocol_map> parse_protocol_map(std::string_view text) {
  constexpr std::string_view setting = "listener.security.protocol.map";
  protocol_map map;
  for (const std::string_view entry : list_of(text)) {
    const auto colon = entry.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
      return bad(setting, "'{}' is not NAME:PROTOCOL", entry);
    }
    const auto protocol =
        std::ranges::find(protocol_names, in_capitals(trimmed(entry.substr(colon + 1))));
    if (protocol == protocol_names.end()) {
      return bad(setting, "'{}' names no protocol; allowed are {}", entry,
                 fmt::join(protocol_names, ", "));
    }
    const auto value = static_cast<security_protocol>(protocol - protocol_names.begin());
    if (!map.emplace(in_capitals(trimmed(entry.substr(0, colon))), value).second) {
      return bad(setting, "'{}' is there twice", entry.substr(0, colon));
    }
  }
  if (map.empty()) {
    for (std::size_t i = 0; i < protocol_names.size(); ++i) {
      map.emplace(protocol_names[i], static_cast<security_protocol>(i));
    }
  }
  return map;
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == ':' || c == '%';
}

// Host and port of "host:port" or "[v6]:port".
result<runtime::endpoint> parse_endpoint(std::string_view setting, std::string_view entry,
                                         std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return bad(setting, "'{}' has no port", entry);
  }
  const std::string_view port_text = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, problem] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (problem != std::errc() || end != port_text.data() + port_text.size()) {
    return bad(setting, "the port of '{}' is not a number between 0 and 65535", entry);
  }
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (is_bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  if (!std::ranges::all_of(host, is_host_character) || (!is_bracketed && host.contains(':'))) {
    return bad(setting,
               "the host of '{}' is neither a name nor an address (IPv6 stands in brackets)",
               entry);
  }
  return runtime::endpoint{std::string(host), port};
}

result<listener_address> parse_listener(std::string_view setting, std::string_view entry) {
  const auto slashes = entry.find("://");
  if (slashes == std::string_view::npos || slashes == 0) {
    return bad(setting, "'{}' is not NAME://host:port", entry);
  }
  auto at = parse_endpoint(setting, entry, entry.substr(slashes + 3));
  if (!at) {
    return std::unexpected(at.error());
  }
  return listener_address{in_capitals(entry.substr(0, slashes)), security_protocol::plaintext,
                          std::move(*at)};
}

// 4 or 6 for a numeric address, 0 for a name or none.
int family_of(const std::string& host) {
  boost::system::error_code problem;
  const auto address = boost::asio::ip::make_address(host, problem);
  return problem ? 0 : address.is_v4() ? 4 : 6;
}

bool may_share_port(const listener_address& one, const listener_address& other) {
  return family_of(one.at.host) + family_of(other.at.host) == 4 + 6;
}

result<> check_unique(std::string_view setting, const std::vector<listener_address>& all) {
  for (auto one = all.begin(); one != all.end(); ++one) {
    for (auto other = all.begin(); other != one; ++other) {
      const bool is_same_port = one->at.port == other->at.port && one->at.port != 0;
      if (one->name == other->name) {
        return bad(setting, "listener {} is there twice", one->name);
      }
      if (is_same_port && !may_share_port(*one, *other)) {
        return bad(setting, "{} and {} have the same port", other->to_string(), one->to_string());
      }
    }
  }
  return {};
}

}  // namespace

std::string_view protocol_name(security_protocol protocol) {
  return protocol_names[static_cast<std::size_t>(protocol)];
}

std::string listener_address::to_string() const {
  return fmt::format("{}://{}", name, at.to_string());
}

result<std::vector<listener_address>> parse_listeners(std::string_view listeners,
                                                      std::string_view protocol_map_text) {
  const auto protocols = parse_protocol_map(protocol_map_text);
  if (!protocols) {
    return std::unexpected(protocols.error());
  }
  std::vector<listener_address> all;
  for (const std::string_view entry : list_of(listeners)) {
    auto one = parse_listener("listeners", entry);
    if (!one) {
      return std::unexpected(one.error());
    }
    const auto protocol = protocols->find(one->name);
    if (protocol == protocols->end()) {
      return bad("listeners", "listener.security.protocol.map does not name {}", one->name);
    }
    one->protocol = protocol->second;
    all.push_back(std::move(*one));
  }
  if (all.empty()) {
    return bad("listeners", "at least one listener is needed, as in PLAINTEXT://:9092");
  }
  if (auto unique = check_unique("listeners", all); !unique) {
    return std::unexpected(unique.error());
  }
  return all;
}

result<std::vector<listener_address>> parse_advertised_listeners(
    std::string_view advertised, const std::vector<listener_address>& listeners,
    const std::string& host_name) {
  constexpr std::string_view setting = "advertised.listeners";
  const bool is_given = !trimmed(advertised).empty();
  std::vector<listener_address> all;
  for (const std::string_view entry : list_of(advertised)) {
    auto one = parse_listener(setting, entry);
    if (!one) {
      return std::unexpected(one.error());
    }
    const auto of = std::ranges::find(listeners, one->name, &listener_address::name);
    if (of == listeners.end()) {
      return bad(setting, "{} is not among the listeners", one->name);
    }
    if (std::ranges::find(all, one->name, &listener_address::name) != all.end()) {
      return bad(setting, "listener {} is there twice", one->name);
    }
    one->protocol = of->protocol;
    all.push_back(std::move(*one));
  }
  if (!is_given) {
    all = listeners;
  }
  for (listener_address& one : all) {
    if (one.at.host.empty()) {
      one.at.host = host_name;
    }
    if (one.at.host == "0.0.0.0" || one.at.host == "::") {
      return bad(setting, "{}: no client can connect to {}; name this machine's address{}",
                 one.to_string(), one.at.host, is_given ? "" : " in advertised.listeners");
    }
  }
  return all;
}

std::optional<std::string> numeric_address(const std::string& host) {
  boost::system::error_code problem;
  const auto address = boost::asio::ip::make_address(host, problem);
  if (problem) {
    return std::nullopt;
  }
  const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  return is_mapped ? boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
                         .to_string()
                   : address.to_string();
}

std::string host_name() {
  boost::system::error_code problem;
  std::string name = boost::asio::ip::host_name(problem);
  return problem || name.empty() ? "localhost" : name;
}

}  // namespace barnabas::network
