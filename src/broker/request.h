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

// Where the partitions live that the last requests of a connection were about.
class owner_streak {
 public:
  // One request's owner, or no_shard when it has several or none.
  void note(int shard) {
    length_ = shard == shard_ ? length_ + 1 : 1;
    shard_ = shard;
  }
  static constexpr int no_shard = -1;
  int shard() const { return shard_; }
  int length() const { return length_; }  // requests in a row

 private:
  int shard_ = no_shard;
  int length_ = 0;
};

// Facts of a connection that do not change while it lives, and those that a handshake changes.
struct connection_facts {
  std::string peer;           // "address:port"
  std::string peer_address;   // without the port
  std::string listener_name;  // as in the setting `listeners`
  std::string principal = "User:ANONYMOUS";
  std::string client_software_name;  // from ApiVersions 3+ (KIP-511)
  std::string client_software_version;
  std::int32_t fetch_session_id = 0;  // the last one; moves with the connection
  owner_streak owners;
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
