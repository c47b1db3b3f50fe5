#include "broker/handlers/fetch.h"

#include <algorithm>

#include "broker/encode.h"
#include "broker/handlers/fetch_work.h"
#include "protocol/messages/fetch_response.h"

namespace barnabas::broker::handlers {
namespace {

constexpr std::int16_t first_version_with_sessions = 7;
constexpr std::int16_t first_version_with_topic_ids = 13;
constexpr std::int16_t first_version_with_replica_state = 15;

fetch_session_request session_request(const request& request,
                                      const protocol::fetch_request& message) {
  fetch_session_request asked;
  if (request.version >= first_version_with_sessions) {
    asked.id = message.session_id;
    asked.epoch = message.session_epoch;
  }
  asked.uses_topic_ids = request.version >= first_version_with_topic_ids;
  for (const auto& topic : message.topics) {
    for (const auto& partition : topic.partitions) {
      fetch_partition& each = asked.partitions.emplace_back();
      each.key = {topic.topic_id, std::string(topic.topic), partition.partition};
      each.fetch_offset = partition.fetch_offset;
      each.follower_log_start_offset = partition.log_start_offset;
      each.current_leader_epoch = std::max(partition.current_leader_epoch, -1);
      each.last_fetched_epoch = partition.last_fetched_epoch;
      each.max_bytes = partition.partition_max_bytes;
    }
  }
  for (const auto& topic : message.forgotten_topics_data) {
    for (const std::int32_t partition : topic.partitions) {
      asked.forgotten.push_back({topic.topic_id, std::string(topic.topic), partition});
    }
  }
  return asked;
}

pending_reply refuse(request request, error_code code) {
  protocol::fetch_response response;
  response.error_code = code;
  co_return encode_reply(request, response);
}

// Apache Kafka fails with UNKNOWN_SERVER_ERROR on what this says no to.
bool is_sensible(const protocol::fetch_request& message) {
  return message.max_bytes >= 0 && (message.isolation_level == 0 || message.isolation_level == 1);
}

// Each partition gets the error, as versions without sessions have no other place for it.
pending_reply refuse_all(request request, protocol::fetch_request message) {
  protocol::fetch_response response;
  response.error_code = error_code::invalid_request;
  for (const auto& topic : message.topics) {
    auto& out = response.responses.emplace_back();
    out.topic = topic.topic;
    out.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      auto& refused = out.partitions.emplace_back();
      refused.partition_index = partition.partition;
      refused.error_code = error_code::invalid_request;
      refused.high_watermark = -1;
      refused.records = protocol::records::empty();
    }
  }
  co_return encode_reply(request, response);
}

pending_reply finish(fetch_work work) {
  const auto wait = std::chrono::milliseconds(std::max(work.max_wait_ms, 0));
  const runtime::steady_time deadline = runtime::shard::current().now() + wait;
  const std::int32_t min_bytes = std::min(work.min_bytes, work.byte_limit());
  fetch_sizes found;
  for (;;) {
    work.resolve();
    co_await work.read();
    found = work.apply_byte_limit();
    if (found.sent + found.held_back >= min_bytes || work.entries.empty() || work.has_error() ||
        runtime::shard::current().now() >= deadline || work.request.connection->closing->is_set()) {
      break;
    }
    co_await work.wait(deadline);
  }
  const bool is_throttled =
      work.quota != nullptr && (work.quota->settle() > 0 || !work.quota->may_fetch(found.sent));
  reply answer = is_throttled ? work.encode_throttled() : work.encode();
  work.services.sessions.here().release(work.context);
  co_return answer;
}

}  // namespace

runtime::task<pending_reply> fetch(fetch_services services, request request,
                                   protocol::fetch_request message) {
  if (!is_sensible(message)) {
    co_return refuse_all(std::move(request), std::move(message));
  }
  runtime::shard& here = runtime::shard::current();
  auto context =
      services.sessions.here().open(session_request(request, message), here.now(), here.random());
  if (!context) {
    co_return refuse(std::move(request), context.error().code);
  }
  fetch_work work{.services = services,
                  .request = std::move(request),
                  .context = std::move(*context),
                  .max_wait_ms = message.max_wait_ms,
                  .min_bytes = message.min_bytes,
                  .max_bytes = message.max_bytes};
  work.request.connection->fetch_session_id = work.context.session_id();
  work.replica_id = work.request.version >= first_version_with_replica_state
                        ? message.replica_state.replica_id
                        : message.replica_id;
  if (work.replica_id >= 0) {
    work.level = replica::isolation::log_end;
  } else {
    work.quota = work.request.quota;
    if (message.isolation_level == 1) {
      work.level = replica::isolation::read_committed;
    }
  }
  co_return finish(std::move(work));
}

}  // namespace barnabas::broker::handlers
