#include "broker/handlers/list_offsets.h"

#include <array>
#include <set>

#include "base/named_twice.h"
#include "runtime/task_group.h"

namespace barnabas::broker::handlers {
namespace {

using answer = protocol::list_offsets_response::list_offsets_partition_response;
using question = protocol::list_offsets_request::list_offsets_partition;

// From which version on a special timestamp, -1 to -6, is understood.
constexpr std::array<std::int16_t, 6> first_version_of_special = {0, 0, 7, 8, 9, 11};
constexpr std::int64_t earliest_pending_upload = -6;
constexpr std::int64_t latest_tiered = -5;

bool is_understood(std::int64_t timestamp, std::int16_t version) {
  if (timestamp >= 0) {
    return true;
  }
  const auto special = static_cast<std::uint64_t>(-(timestamp + 1));
  return special < first_version_of_special.size() && version >= first_version_of_special[special];
}

using asked_partition = std::pair<std::string_view, std::int32_t>;

std::set<asked_partition> repeated_partitions(const protocol::list_offsets_request& message) {
  std::vector<asked_partition> all;
  for (const auto& topic : message.topics) {
    for (const question& asked : topic.partitions) {
      all.emplace_back(topic.name, asked.partition_index);
    }
  }
  return named_twice(all);
}

runtime::task<answer> ask(partition_services services, std::string_view topic, question asked,
                          replica::isolation level, std::int16_t version, bool is_refused) {
  answer out;
  out.partition_index = asked.partition_index;
  if (is_refused) {
    out.error_code = error_code::invalid_request;
    co_return out;
  }
  if (!is_understood(asked.timestamp, version)) {
    out.error_code = error_code::unsupported_version;
    co_return out;
  }
  const std::int64_t timestamp =
      asked.timestamp == earliest_pending_upload ? latest_tiered : asked.timestamp;
  const auto found = co_await ask_partition<storage::timestamp_and_offset>(
      services, topic, asked.partition_index,
      [timestamp, level, epoch = asked.current_leader_epoch](replica::partition& partition) {
        return partition.find_offset(timestamp, level, epoch);
      });
  if (!found) {
    out.error_code = found.error().code;
    co_return out;
  }
  out.timestamp = found->timestamp;
  out.offset = found->offset;
  out.leader_epoch = version >= 4 ? found->leader_epoch : -1;
  co_return out;
}

}  // namespace

runtime::task<protocol::list_offsets_response> list_offsets(
    partition_services services, const request& request, protocol::list_offsets_request message) {
  const replica::isolation level = message.replica_id >= 0 ? replica::isolation::log_end
                                   : message.isolation_level == 1
                                       ? replica::isolation::read_committed
                                       : replica::isolation::read_uncommitted;
  // Apache Kafka fails on another level with UNKNOWN_SERVER_ERROR.
  const bool is_level_known = message.isolation_level == 0 || message.isolation_level == 1;
  const auto repeated = repeated_partitions(message);
  protocol::list_offsets_response response;
  for (const auto& topic : message.topics) {
    std::vector<runtime::task<answer>> asking;
    for (const question& asked : topic.partitions) {
      const bool is_refused =
          !is_level_known || repeated.contains({topic.name, asked.partition_index});
      asking.push_back(ask(services, topic.name, asked, level, request.version, is_refused));
    }
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.partitions = co_await runtime::when_all(std::move(asking));
  }
  co_return response;
}

}  // namespace barnabas::broker::handlers
