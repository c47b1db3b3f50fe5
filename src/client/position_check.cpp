// Whether what the fetcher has read still stands in the log after its leader has changed (KIP-320).
#include <fmt/format.h>

#include "client/fetcher.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

struct epoch_question {
  topic_partition name;
  std::int32_t leader_epoch = -1;  // as the client knows it
  std::int32_t epoch = -1;         // whose end is asked for
};

// The offset after the last record of the epoch; -1 when the leader knows nothing of it.
runtime::task<result<std::int64_t>> end_of_epoch(cluster& cluster, std::int32_t leader,
                                                 epoch_question wanted,
                                                 runtime::steady_time deadline) {
  auto connection = co_await cluster.connection_to(leader, deadline);
  if (!connection) {
    co_return fail(std::move(connection.error()));
  }
  const protocol::offset_for_leader_epoch_request question{
      .replica_id = -1,
      .topics = {{.topic = wanted.name.topic,
                  .partitions = {{.partition = wanted.name.partition,
                                  .current_leader_epoch = wanted.leader_epoch,
                                  .leader_epoch = wanted.epoch}}}}};
  const auto answer =
      co_await (*connection)->call<protocol::offset_for_leader_epoch_response>(question, deadline);
  if (!answer) {
    co_return fail(answer.error());
  }
  for (const auto& topic : answer->message.topics) {
    for (const auto& each : topic.partitions) {
      if (each.error_code != error_code::none) {
        co_return fail(each.error_code);
      }
      co_return each.end_offset;
    }
  }
  co_return fail(error_code::unknown_server_error, "the broker's answer leaves the partition out");
}

}  // namespace

bool fetcher::needs_check(const assigned_partition& partition) const {
  const partition_leader leader = leader_of(partition.name);
  return partition.fetch_offset >= 0 && partition.fetch_epoch >= 0 &&
         partition.fetch_epoch < leader.epoch && partition.checked_epoch < leader.epoch;
}

void fetcher::check_positions() {
  const auto now = runtime::shard::current().now();
  for (const auto& [name, each] : assigned_) {
    if (needs_check(*each) && !each->is_looking_up && each->not_before <= now &&
        leader_of(name).broker >= 0) {
      each->is_looking_up = true;
      tasks_.spawn(check_position(each));
    }
  }
}

runtime::task<> fetcher::check_position(partition_ptr partition) {
  const partition_leader leader = leader_of(partition->name);
  const std::uint64_t generation = partition->fetch_generation;
  const auto deadline = runtime::shard::current().now() + cluster_.settings().request_timeout;
  const auto end = co_await end_of_epoch(
      cluster_, leader.broker, {partition->name, leader.epoch, partition->fetch_epoch}, deadline);
  partition->is_looking_up = false;
  if (partition->fetch_generation != generation) {
    co_return wake();  // a seek came between
  }
  if (!end && is_retriable(end.error().code)) {
    failed(*partition, end.error().code);
  } else if (end && *end < partition->fetch_offset) {
    truncated(partition, *end);
  } else {
    partition->checked_epoch = leader.epoch;  // a broker that cannot say is believed
    partition->failures = 0;
  }
  wake();
}

// Goes on where the log still is what it was, or says that records which were read are gone.
void fetcher::truncated(const partition_ptr& partition, std::int64_t end) {
  const std::int64_t position = partition->fetch_offset;
  const std::int32_t epoch = partition->fetch_epoch;
  if (settings_.reset != offset_reset::none && end >= 0) {
    start_from(*partition, end);
    return;
  }
  if (settings_.reset != offset_reset::none) {
    return reset_position(partition);
  }
  stop_reading(*partition);
  report(
      partition,
      {error_code::offset_out_of_range,
       fmt::format("{} was truncated: offset {} was reached in leader epoch {}, of which the log "
                   "now ends at {}; auto.offset.reset says none, seek to go on",
                   partition->name.to_string(), position, epoch, end)});
}

}  // namespace barnabas::client
