// The settings `listeners`, `advertised.listeners` and `listener.security.protocol.map`:
//   listeners  := listener (',' listener)*      listener := NAME "://" [host] ":" port
//   map        := NAME ":" protocol (',' ...)*  protocol := PLAINTEXT | SSL | SASL_PLAINTEXT |
//   SASL_SSL
// An IPv6 host stands in brackets. Names are compared in capitals, as in Kafka. Errors are
// INVALID_CONFIG and name the setting and what is wrong in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/socket.h"

namespace barnabas::network {

enum class security_protocol : std::uint8_t {
  plaintext = 0,
  ssl = 1,
  sasl_plaintext = 2,
  sasl_ssl = 3
};

// "PLAINTEXT", ...
std::string_view protocol_name(security_protocol protocol);

struct listener_address {
  std::string name;
  security_protocol protocol = security_protocol::plaintext;
  runtime::endpoint at;

  std::string to_string() const;  // NAME://host:port
  bool operator==(const listener_address&) const = default;
};

// Where to listen. A name is given once; a port once, but for one IPv4 and one IPv6 address; port 0
// is any free one.
result<std::vector<listener_address>> parse_listeners(std::string_view listeners,
                                                      std::string_view protocol_map);

// What clients are told, in the order of `listeners`. Without a setting it is `listeners` itself,
// `host_name` standing for an empty host. Each name must be among the listeners; an address that
// nobody can connect to (0.0.0.0, ::) is an error. Listeners that are not advertised are left out.
result<std::vector<listener_address>> parse_advertised_listeners(
    std::string_view advertised, const std::vector<listener_address>& listeners,
    const std::string& host_name);

// An address as connections show it: in its shortest form, and IPv4 when it is mapped into IPv6.
// Nothing when the text is a name.
std::optional<std::string> numeric_address(const std::string& host);

// The name of this machine as the operating system knows it; "localhost" when it knows none.
std::string host_name();

}  // namespace barnabas::network
