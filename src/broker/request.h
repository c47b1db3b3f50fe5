// A request as a handler gets it. It owns the received frame; `body` and every string and record
// that a message read from it are views into that frame and live as long as the request does. Lives
// on its connection's shard.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "network/closing_signal.h"
#include "protocol/api_keys.h"

namespace barnabas::broker {

// Facts of a connection that do not change while it lives, and those that a handshake changes.
struct connection_facts {
  std::string peer;           // "address:port"
  std::string peer_address;   // without the port
  std::string listener_name;  // as in the setting `listeners`
  std::string principal = "User:ANONYMOUS";
  std::string client_software_name;  // from ApiVersions 3+ (KIP-511)
  std::string client_software_version;
  network::closing_signal* closing =
      nullptr;  // set when the connection closes; whoever waits long watches it
};

class request_quota;

struct request {
  protocol::api_key key{};
  std::int16_t version = 0;
  std::int32_t correlation_id = 0;
  std::string_view client_id;              // empty when null
  mutable_bytes body;                      // after the header; Produce writes offsets into it
  std::shared_ptr<std::byte[]> frame;      // owns client_id and body
  connection_facts* connection = nullptr;  // outlives the request
  request_quota* quota = nullptr;          // outlives the request; null where no quota holds
};

}  // namespace barnabas::broker
