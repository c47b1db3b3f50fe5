// What the handlers of groups and offsets use: calls to the machine of a group's partition, and how
// long they may take. Everything outlives the sessions.
#pragma once

#include <chrono>
#include <utility>

#include "base/result.h"
#include "broker/group_service.h"
#include "broker/request.h"
#include "cluster/image_board.h"
#include "group/machine.h"
#include "runtime/shard.h"

namespace barnabas::broker::handlers {

struct group_services {
  group_service groups;
  const cluster::image_board& images;
  std::chrono::milliseconds commit_timeout;  // offsets.commit.timeout.ms
};

using group_moment = coordinator::moment;
using group_effects = coordinator::effects;
template <class T>
using group_reply = coordinator::reply_to<T>;

// For what is answered as soon as it is written.
inline call_terms until_written(const group_services& services) {
  return {.deadline = runtime::shard::current().now() + services.commit_timeout};
}
// The same for what a member asks again and again: its connection may move to its coordinator.
inline call_terms until_written(const group_services& services, const request& request) {
  call_terms terms = until_written(services);
  terms.owners = &request.connection->owners;
  return terms;
}
// For what waits for other members: the machine ends that, or the connection.
inline call_terms until_closed(const request& request) {
  return {.deadline = runtime::no_deadline,
          .closing = request.connection->closing,
          .owners = &request.connection->owners};
}

// What a client hears of a call that came to nothing, as Kafka 3.9 says it.
inline error_code code_of(const error& failed, error_code when_too_large) {
  switch (failed.code) {
    case error_code::request_timed_out:
      return error_code::coordinator_not_available;
    case error_code::message_too_large:
    case error_code::record_list_too_large:
      return when_too_large;
    default:
      return failed.code;
  }
}
inline error_code code_of(const error& failed) {
  return code_of(failed, error_code::unknown_server_error);
}

// Bits of the operations that somebody may do with a group (KIP-430): read, delete, describe.
inline constexpr std::int32_t all_group_operations = 328;

}  // namespace barnabas::broker::handlers
