// A consumer's standing in its group: the broker that coordinates the group, and who the consumer
// is there. Lives on one shard, as long as its cluster. Without a membership (a consumer that is
// told its partitions) the generation is -1 and the member id empty, as commits then say.
#pragma once

#include <string>

#include "client/cluster.h"

namespace barnabas::client {

class group_session {
 public:
  struct identity {
    std::string group;
    std::string member_id;
    std::string instance_id;  // empty: no static member
    std::int32_t generation = -1;
  };

  group_session(cluster& cluster, std::string group, std::string instance);

  const identity& me() const { return me_; }
  bool is_member() const { return me_.generation >= 0; }
  void set_member_id(std::string_view id) { me_.member_id = id; }
  void set_generation(std::int32_t generation) { me_.generation = generation; }

  // A connection to the coordinator, which is looked up if it is not known: one attempt.
  runtime::task<result<connection_ptr>> connected(runtime::steady_time deadline);
  // The coordinator is another one, or gone.
  void forget_coordinator() { coordinator_ = -1; }
  // The same when the code says so.
  void learn_from(error_code code);
  // Ends the open connection to the coordinator, and with it a call that waits there.
  void hang_up();

  // Asks the coordinator: one attempt.
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
  runtime::task<result<>> find_coordinator(runtime::steady_time deadline);

  cluster& cluster_;
  identity me_;
  std::int32_t coordinator_ = -1;  // -1: to be looked up
  connection_ptr last_;
};

}  // namespace barnabas::client
