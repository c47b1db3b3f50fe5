#include "client/coordinator.h"

#include <fmt/format.h>

#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"

namespace barnabas::client {
namespace {

// Later versions ask for many keys at once.
constexpr std::int16_t newest_find_coordinator = 3;

}  // namespace

coordinator::coordinator(cluster& cluster, key_type type, std::string key)
    : cluster_(cluster), type_(type), key_(std::move(key)) {}

void coordinator::learn_from(error_code code) {
  // Not for a lost connection: whether it still coordinates the broker says itself, while another
  // one is asked behind a Fetch that waits there.
  if (code == error_code::not_coordinator || code == error_code::coordinator_not_available ||
      code == error_code::request_timed_out) {
    forget();
  }
}

void coordinator::hang_up() {
  if (last_ != nullptr) {
    last_->end({error_code::network_exception, "nobody waits for it any more"});
  }
}

runtime::task<result<>> coordinator::find(runtime::steady_time deadline) {
  auto connection = co_await cluster_.any_connection(deadline);
  if (!connection) {
    co_return fail(std::move(connection.error()));
  }
  const protocol::find_coordinator_request question{.key = key_,
                                                    .key_type = static_cast<std::int8_t>(type_)};
  const auto answer =
      co_await (*connection)
          ->call<protocol::find_coordinator_response>(question, deadline, newest_find_coordinator);
  if (!answer) {
    co_return fail(answer.error());
  }
  const protocol::find_coordinator_response& it = answer->message;
  if (it.error_code != error_code::none) {
    const std::string_view words = it.error_message.value_or("");
    co_return fail(it.error_code,
                   fmt::format("the coordinator of {} {}: {}{}{}",
                               type_ == key_type::group ? "group" : "transactional.id", key_,
                               error_name(it.error_code), words.empty() ? "" : ": ", words));
  }
  broker_ = it.node_id;
  co_return result<>{};
}

runtime::task<result<connection_ptr>> coordinator::connected(runtime::steady_time deadline) {
  if (broker_ < 0) {
    if (auto found = co_await find(deadline); !found) {
      co_return fail(std::move(found.error()));
    }
  }
  auto connection = co_await cluster_.connection_to(broker_, deadline, connection_use::group);
  if (connection) {
    last_ = *connection;
    co_return connection;
  }
  forget();
  if (connection.error().code == error_code::broker_not_available) {
    // Named as coordinator before the cluster has told of it.
    connection.error().code = error_code::coordinator_not_available;
  }
  co_return connection;
}

}  // namespace barnabas::client
