#include "bench/bare/broker_behind.h"

#include <sys/socket.h>

#include "base/endian.h"
#include "bench/bare/frame_server.h"
#include "bench/event_loop.h"

namespace barnabas::bench {

bytes_view broker_behind::ask(bytes_view frame) {
  if (descriptor_ < 0) {
    descriptor_ = connect_to(port_);
  }
  std::byte length[4];
  store_big_endian(length, static_cast<std::int32_t>(frame.size()));
  send_all(descriptor_, length, true);
  send_all(descriptor_, frame);
  answer_.resize(sizeof(length));
  receive(answer_);
  answer_.resize(sizeof(length) +
                 static_cast<std::size_t>(load_big_endian<std::int32_t>(answer_.data())));
  receive(mutable_bytes(answer_).subspan(sizeof(length)));
  return answer_;
}

void broker_behind::receive(mutable_bytes into) const {
  while (!into.empty()) {
    const ssize_t count = recv(descriptor_, into.data(), into.size(), 0);
    if (count <= 0) {
      die("the broker behind the bare server is gone");
    }
    into = into.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace barnabas::bench
