// The broker that coordinates one group or one transactional id: looked up when it is wanted, and
// again when it has moved. Lives on one shard, as long as its cluster.
#pragma once

#include <string>

#include "client/cluster.h"

namespace barnabas::client {

class coordinator {
 public:
  // As FindCoordinator has them.
  enum class key_type : std::int8_t { group = 0, transaction = 1 };

  coordinator(cluster& cluster, key_type type, std::string key);

  // A connection to it: one attempt.
  runtime::task<result<connection_ptr>> connected(runtime::steady_time deadline);
  // It is another one, or gone.
  void forget() { broker_ = -1; }
  // The same when the code says so.
  void learn_from(error_code code);
  // Ends the open connection to it, and with it a call that waits there.
  void hang_up();

  // Asks it: one attempt.
  template <class Response, class Request>
  runtime::task<result<rpc::answer<Response>>> call(
      Request question, runtime::steady_time deadline,
      std::int16_t highest = Request::highest_version) {
    auto connection = co_await connected(deadline);
    if (!connection) {
      co_return fail(std::move(connection.error()));
    }
    auto answer = co_await (*connection)->template call<Response>(question, deadline, highest);
    if (!answer) {
      learn_from(answer.error().code);
    }
    co_return answer;
  }

 private:
  runtime::task<result<>> find(runtime::steady_time deadline);

  cluster& cluster_;
  key_type type_;
  std::string key_;
  std::int32_t broker_ = -1;  // -1: to be looked up
  connection_ptr last_;
};

}  // namespace barnabas::client
