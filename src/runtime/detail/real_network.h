// Listening and connecting in the real world. Calls work on the shard that they are made on. Names
// are looked up by threads of their own: a name server may keep one for long.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "runtime/detail/file_threads.h"
#include "runtime/socket.h"

namespace barnabas::runtime::detail {

class real_network final : public network {
 public:
  // `prepare` runs first on each thread.
  explicit real_network(std::function<void()> prepare) : resolvers_(2, std::move(prepare)) {}

  result<std::unique_ptr<listener>> listen(const endpoint& local, int backlog) override;
  task<result<std::unique_ptr<stream>>> connect(endpoint peer, steady_time deadline,
                                                connect_stop* stop) override;
  // Ends the threads.
  void stop() { resolvers_.stop(); }

 private:
  struct lookup;
  class lookup_wait;

  std::mutex mutex_;
  std::map<lookup*, std::shared_ptr<lookup>> asked_;  // until its end is told to its shard
  file_threads resolvers_;
};

}  // namespace barnabas::runtime::detail
