// What both bare servers share: accept, read what is there into one buffer a connection, cut frames
// (int32 length, then that many bytes) out of it. Nothing here that a real broker could leave out.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "bench/event_loop.h"

namespace barnabas::bench {

// One connection's half of a bare server.
class frame_peer {
 public:
  virtual ~frame_peer() = default;
  // All whole frames that one read brought, without their lengths. The bytes may be changed in
  // place and are gone after the call.
  virtual void on_frames(const std::vector<mutable_bytes>& frames) = 0;
  virtual void on_writable() {}
};

// Serves on 127.0.0.1:`port` until killed; `make_peer` gets the connection's descriptor.
[[noreturn]] void serve_frames(int port,
                               const std::function<std::unique_ptr<frame_peer>(int)>& make_peer);

// Sends all bytes; a client that does not read its small answers ends the program.
void send_all(int descriptor, bytes_view bytes, bool more_follows = false);

}  // namespace barnabas::bench
