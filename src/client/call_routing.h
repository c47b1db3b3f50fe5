// Where the calls of the admin client go, and when they go again. A call is about keys (topics,
// partitions, groups, or one thing); each has a route. In rounds, until the deadline
// (default.api.timeout.ms): the brokers of all open keys are found, each broker is asked about its
// keys at the same time as the others, and keys that were told of something that passes (the
// coordinator has moved, the connection was lost) stay open for the next round.
#pragma once

#include <vector>

#include "client/cluster.h"

namespace barnabas::client {

enum class call_target : std::uint8_t {
  any_broker,
  controller,
  one_broker,
  leader,
  group_coordinator,
  transaction_coordinator
};
struct call_route {
  call_target target = call_target::any_broker;
  std::int32_t number = -1;  // of one_broker, its id; of a leader, the partition
  std::string name = {};     // of a leader, the topic; of a coordinator, the group or transaction
};

// One call: what carry_out() asks for and tells. Keys are numbers from 0.
class routed_call {
 public:
  virtual ~routed_call() = default;
  virtual std::size_t keys() const = 0;
  virtual call_route route(std::size_t key) const = 0;
  // Sends one request about some keys and keeps what the answer says of each. An error when there
  // is no answer.
  virtual runtime::task<result<>> ask(connection_ptr to, std::vector<std::size_t> some,
                                      runtime::steady_time deadline) = 0;
  // What the last answer said of a key.
  virtual error_code code(std::size_t key) const = 0;
  // Nobody could be asked about a key.
  virtual void fail(std::size_t key, const error& why) = 0;
};

// An error when no broker has said anything of any key.
runtime::task<result<>> carry_out(cluster& cluster, routed_call& call);

// The brokers of the cluster, as far as one of them knows. Waits until one has said so.
runtime::task<result<std::vector<std::int32_t>>> all_brokers(cluster& cluster);

}  // namespace barnabas::client
