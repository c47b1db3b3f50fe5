#include "broker/handlers/describe_producers.h"

#include "cluster/topic_names.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::describe_producers_response;
using producer = protocol::describe_producers_response_producer_state;

runtime::task<result<std::vector<producer>>> producers_of(replica::partition& partition) {
  if (!partition.is_leader()) {
    co_return fail(error_code::not_leader_or_follower);
  }
  std::vector<producer> all;
  for (const auto& [id, entry] : partition.log()->log->producers().producers()) {
    producer& one = all.emplace_back();
    one.producer_id = id;
    one.producer_epoch = entry.epoch;
    one.last_sequence = entry.last_sequence();
    one.last_timestamp = entry.last_timestamp;
    one.coordinator_epoch = entry.coordinator_epoch;
    one.current_txn_start_offset = entry.transaction_first_offset;
  }
  co_return all;
}

runtime::task<result<std::vector<producer>>> ask(partition_services services,
                                                 std::string_view topic, std::int32_t index) {
  if (auto valid = cluster::validate_topic_name(topic); !valid) {
    co_return std::unexpected(std::move(valid.error()));
  }
  co_return co_await ask_partition<std::vector<producer>>(services, topic, index, producers_of);
}

}  // namespace

runtime::task<owned_response<describe_producers_response>> describe_producers(
    partition_services services, protocol::describe_producers_request message) {
  const auto keeps = std::make_shared<response_texts>();
  describe_producers_response out;
  for (const auto& topic : message.topics) {
    auto& answer = out.topics.emplace_back();
    answer.name = topic.name;
    for (const std::int32_t index : topic.partition_indexes) {
      auto found = co_await ask(services, topic.name, index);
      auto& one = answer.partitions.emplace_back();
      one.partition_index = index;
      if (found) {
        one.active_producers = std::move(*found);
      } else {
        one.error_code = found.error().code;
        one.error_message = keeps->keep(std::move(found.error().message));
      }
    }
  }
  co_return owned_response<describe_producers_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
