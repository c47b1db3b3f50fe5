// A broker that answers in the bare server's place what is no Produce request. It is waited for:
// clients ask it when they connect and once in a while.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace barnabas::bench {

class broker_behind {
 public:
  explicit broker_behind(int port) : port_(port) {}

  // The answer to a request, both without and with the length before it. Ends the program when the
  // broker is gone.
  bytes_view ask(bytes_view frame);

 private:
  void receive(mutable_bytes into) const;

  int port_;
  int descriptor_ = -1;
  std::vector<std::byte> answer_;
};

}  // namespace barnabas::bench
