// The connections of one shard, their memory budget, and the task that closes idle ones. Made on
// shard 0; everything but the constructor and `assigned` runs on its own shard.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "network/connection.h"
#include "network/memory_budget.h"
#include "network/server_limits.h"
#include "runtime/shard.h"
#include "runtime/socket.h"
#include "runtime/task.h"
#include "runtime/wait.h"
#include "security/tls_stream.h"

namespace barnabas::network::detail {

class home {
 public:
  using handler = std::function<runtime::task<>(connection&)>;

  // A negative budget is none. `limits`, `serve` and `all`, the homes by shard, outlive the home.
  home(runtime::shard& shard, const server_limits& limits, std::int64_t budget_bytes,
       const handler& serve, const std::vector<std::unique_ptr<home>>& all)
      : shard_(shard), limits_(limits), serve_(serve), all_(all), budget_(budget_bytes) {}

  runtime::shard& shard() const { return shard_; }
  std::size_t assigned = 0;  // connections sent here; only shard 0 touches it

  // Hands the stream to the handler and returns when the connection has ended, on the shard where
  // it lived then.
  // With a context TLS comes first.
  runtime::task<> serve(std::unique_ptr<runtime::stream> stream, const std::string& listener_name,
                        std::optional<security::tls_context> tls);
  // Closes idle connections until stop().
  runtime::task<> sweep();
  runtime::task<> stop();
  runtime::task<> close_all();

 private:
  struct member;

  // Null, with a line in the log, when it fails.
  runtime::task<std::unique_ptr<security::tls_stream>> shake_hands(
      std::unique_ptr<runtime::stream> stream, const security::tls_context& tls,
      const std::string& listener_name);

  runtime::shard& shard_;
  const server_limits& limits_;
  const handler& serve_;
  const std::vector<std::unique_ptr<home>>& all_;
  memory_budget budget_;
  member* first_ = nullptr;
  std::set<runtime::stream*> shaking_hands_;
  runtime::condition stopped_;
  bool is_stopping_ = false;
};

}  // namespace barnabas::network::detail
