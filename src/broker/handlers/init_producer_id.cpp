#include "broker/handlers/init_producer_id.h"

#include "base/log.h"

namespace barnabas::broker::handlers {
namespace {

error_code check(const protocol::init_producer_id_request& message) {
  const bool has_id = message.producer_id != -1;
  const bool has_epoch = message.producer_epoch != -1;
  if (has_id != has_epoch || (message.transactional_id && message.transactional_id->empty())) {
    return error_code::invalid_request;
  }
  return message.transactional_id ? error_code::unsupported_version : error_code::none;
}

}  // namespace

runtime::task<protocol::init_producer_id_response> init_producer_id(
    producer_ids& ids, protocol::init_producer_id_request message) {
  protocol::init_producer_id_response response;
  response.producer_epoch = -1;
  response.error_code = check(message);
  if (response.error_code != error_code::none) {
    co_return response;
  }
  const auto id = co_await ids.take();
  if (!id) {
    log(log_level::error, "broker", "no producer id to give",
        {field("reason", id.error().message)});
    response.error_code = error_code::coordinator_not_available;
    co_return response;
  }
  response.producer_id = *id;
  response.producer_epoch = 0;
  co_return response;
}

}  // namespace barnabas::broker::handlers
