#include "client/group_session.h"

#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"

namespace barnabas::client {
namespace {

// Later versions ask for many groups at once.
constexpr std::int16_t newest_find_coordinator = 3;

}  // namespace

group_session::group_session(cluster& cluster, std::string group, std::string instance)
    : cluster_(cluster), me_{.group = std::move(group), .instance_id = std::move(instance)} {}

void group_session::learn_from(error_code code) {
  // Not for a lost connection: whether it still coordinates the broker says itself, while another
  // one is asked behind a Fetch that waits there.
  if (code == error_code::not_coordinator || code == error_code::coordinator_not_available ||
      code == error_code::request_timed_out) {
    forget_coordinator();
  }
}

void group_session::hang_up() {
  if (last_ != nullptr) {
    last_->end({error_code::network_exception, "nobody waits for it any more"});
  }
}

runtime::task<result<>> group_session::find_coordinator(runtime::steady_time deadline) {
  auto connection = co_await cluster_.any_connection(deadline);
  if (!connection) {
    co_return fail(std::move(connection.error()));
  }
  const protocol::find_coordinator_request question{.key = me_.group};
  const auto answer =
      co_await (*connection)
          ->call<protocol::find_coordinator_response>(question, deadline, newest_find_coordinator);
  if (!answer) {
    co_return fail(answer.error());
  }
  if (answer->message.error_code != error_code::none) {
    co_return fail(answer->message.error_code,
                   "the coordinator of group " + me_.group + ": " +
                       std::string(error_name(answer->message.error_code)));
  }
  coordinator_ = answer->message.node_id;
  co_return result<>{};
}

runtime::task<result<connection_ptr>> group_session::connected(runtime::steady_time deadline) {
  if (coordinator_ < 0) {
    if (auto found = co_await find_coordinator(deadline); !found) {
      co_return fail(std::move(found.error()));
    }
  }
  auto connection = co_await cluster_.connection_to(coordinator_, deadline, connection_use::group);
  if (connection) {
    last_ = *connection;
    co_return connection;
  }
  forget_coordinator();
  if (connection.error().code == error_code::broker_not_available) {
    // Named as coordinator before the cluster has told of it.
    connection.error().code = error_code::coordinator_not_available;
  }
  co_return connection;
}

}  // namespace barnabas::client
