// Listening and connecting in the real world. Calls work on the shard that they are made on.
#pragma once

#include "runtime/socket.h"

namespace barnabas::runtime::detail {

class real_network final : public network {
 public:
  result<std::unique_ptr<listener>> listen(const endpoint& local, int backlog) override;
  task<result<std::unique_ptr<stream>>> connect(endpoint peer, steady_time deadline) override;
};

}  // namespace barnabas::runtime::detail
