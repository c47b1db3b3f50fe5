#include "broker/handlers/offset_for_leader_epoch.h"

namespace barnabas::broker::handlers {
namespace {

runtime::task<result<storage::epoch_end_offset>> look_up(replica::partition& partition,
                                                         std::int32_t epoch,
                                                         std::int32_t current_leader_epoch) {
  co_return partition.end_offset_for_epoch(epoch, current_leader_epoch);
}

}  // namespace

runtime::task<protocol::offset_for_leader_epoch_response> offset_for_leader_epoch(
    partition_services services, protocol::offset_for_leader_epoch_request message) {
  protocol::offset_for_leader_epoch_response response;
  for (const auto& topic : message.topics) {
    auto& out = response.topics.emplace_back();
    out.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      const auto end = co_await ask_partition<storage::epoch_end_offset>(
          services, topic.topic, asked.partition,
          [epoch = asked.leader_epoch, current = asked.current_leader_epoch](
              replica::partition& partition) { return look_up(partition, epoch, current); });
      auto& answer = out.partitions.emplace_back();
      answer.partition = asked.partition;
      if (end) {
        answer.leader_epoch = end->epoch;
        answer.end_offset = end->end_offset;
      } else {
        answer.error_code = end.error().code;
      }
    }
  }
  co_return response;
}

}  // namespace barnabas::broker::handlers
