// What a server allows its connections; the comment names the setting of Kafka that each comes
// from. Limits of connections may change while the server runs, the others do not.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <string>

namespace barnabas::network {

struct listener_limits {
  std::int32_t connections = std::numeric_limits<std::int32_t>::max();  // max.connections
  std::int32_t creation_rate =
      std::numeric_limits<std::int32_t>::max();  // max.connection.creation.rate, a second
};

struct connection_limits {
  listener_limits of_all;
  std::map<std::string, listener_limits> of_listener;              // listener.name.NAME., by name
  std::int32_t per_ip = std::numeric_limits<std::int32_t>::max();  // max.connections.per.ip
  std::map<std::string, std::int32_t> per_ip_overrides;            // by numeric address
};

struct server_limits {
  std::int32_t request_bytes = 100 << 20;  // socket.request.max.bytes
  std::int64_t queued_request_bytes = -1;  // queued.max.request.bytes, over all shards; -1: none
  std::chrono::milliseconds idle_time{600'000};  // connections.max.idle.ms; negative: for ever
  int backlog = 50;                              // socket.listen.backlog.size
  int send_buffer_bytes = 0;                     // socket.send.buffer.bytes; 0: the system's choice
  int receive_buffer_bytes = 0;                  // socket.receive.buffer.bytes
};

}  // namespace barnabas::network
