#include "bench/load/send_queue.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "bench/event_loop.h"

namespace barnabas::bench {

void send_queue::flush(int descriptor) {
  constexpr std::size_t most_parts = 128;
  while (!pieces_.empty()) {
    std::array<iovec, most_parts> parts;
    std::size_t count = 0;
    std::size_t skip = first_sent_;
    for (auto at = pieces_.begin(); at != pieces_.end() && count + 2 <= most_parts; ++at) {
      for (const bytes_view part : {bytes_view(at->head).first(at->head_bytes), at->tail}) {
        const std::size_t gone = std::min(skip, part.size());
        skip -= gone;
        if (part.size() > gone) {
          parts[count++] = {const_cast<std::byte*>(part.data()) + gone, part.size() - gone};
        }
      }
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = sendmsg(descriptor, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      return;
    }
    if (sent < 0) {
      die_of_errno("sending to the server");
    }
    drop(static_cast<std::size_t>(sent));
  }
}

void send_queue::drop(std::size_t sent) {
  first_sent_ += sent;
  while (!pieces_.empty()) {
    const std::size_t size = pieces_.front().head_bytes + pieces_.front().tail.size();
    if (first_sent_ < size) {
      return;
    }
    first_sent_ -= size;
    pieces_.pop_front();
  }
}

}  // namespace barnabas::bench
