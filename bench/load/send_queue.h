// What waits to be sent on one connection: pieces with a head of their own and a tail that lives
// elsewhere and does not change. One gathered send takes as many pieces as there are.
#pragma once

#include <array>
#include <deque>

#include "base/bytes.h"
#include "base/ensure.h"

namespace barnabas::bench {

class send_queue {
 public:
  // Room for the head, to be filled before the next flush(); `tail` outlives its sending.
  mutable_bytes add(std::size_t head_bytes, bytes_view tail) {
    piece& added = pieces_.emplace_back();
    ensure(head_bytes <= added.head.size(), "a request's head is too long");
    added.head_bytes = head_bytes;
    added.tail = tail;
    return mutable_bytes(added.head).first(head_bytes);
  }
  // Sends until nothing is left or the socket is full; a broken connection ends the program.
  void flush(int descriptor);

 private:
  struct piece {
    std::array<std::byte, 384> head;
    std::size_t head_bytes = 0;
    bytes_view tail;
  };
  void drop(std::size_t sent);

  std::deque<piece> pieces_;
  std::size_t first_sent_ = 0;  // bytes of the first piece that are gone
};

}  // namespace barnabas::bench
