#include "client/admin/partitions.h"

#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "protocol/messages/describe_producers_request.h"
#include "protocol/messages/describe_producers_response.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"

namespace barnabas::client {
namespace {

using kafka::topic_partition;
using partition_list = std::vector<topic_partition>;

// The first version of ListOffsets that knows what is asked for.
std::int16_t version_for(std::int64_t time) {
  switch (time) {
    case kafka::offset_spec::max_timestamp:
      return 7;
    case kafka::offset_spec::earliest_local:
      return 8;
    case kafka::offset_spec::latest_tiered:
      return 9;
    case kafka::offset_spec::earliest_pending_upload:
      return 11;
    default:
      return 1;
  }
}

kafka::producer_state state_of(const protocol::describe_producers_response::producer_state& said) {
  return {said.producer_id,    said.producer_epoch,    said.last_sequence,
          said.last_timestamp, said.coordinator_epoch, said.current_txn_start_offset};
}

}  // namespace

answer_to<each_partition<std::int64_t>> delete_records(
    cluster& cluster, const std::map<topic_partition, std::int64_t>& before) {
  using request_type = protocol::delete_records_request;
  call_about<request_type, protocol::delete_records_response, topic_partition, std::int64_t> call{
      .keys = keys_of(before), .route = to_leader};
  call.request = [&before](const partition_list& some, const request_terms& terms) {
    request_type request;
    request.timeout_ms = terms.timeout_ms;
    for (const topic_partition& each : some) {
      topic_in(request.topics, &request_type::delete_records_topic::name, each.topic)
          .partitions.push_back({each.partition, before.at(each)});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.topics) {
      for (const auto& each : topic.partitions) {
        told.tell(topic_partition{std::string(topic.name), each.partition_index},
                  outcome_of(each, [&] { return each.low_watermark; }));
      }
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each_partition<kafka::listed_offset>> list_offsets(
    cluster& cluster, const std::map<topic_partition, std::int64_t>& times,
    kafka::isolation_level isolation) {
  using request_type = protocol::list_offsets_request;
  call_about<request_type, protocol::list_offsets_response, topic_partition, kafka::listed_offset>
      call{.keys = keys_of(times), .route = to_leader};
  call.lowest = isolation == kafka::isolation_level::read_committed ? 2 : 1;
  for (const auto& [name, time] : times) {
    call.lowest = std::max(call.lowest, version_for(time));
  }
  call.request = [&times, isolation](const partition_list& some, const request_terms& terms) {
    request_type request;
    request.replica_id = -1;
    request.isolation_level = static_cast<std::int8_t>(isolation);
    request.timeout_ms = terms.timeout_ms;
    for (const topic_partition& each : some) {
      topic_in(request.topics, &request_type::list_offsets_topic::name, each.topic)
          .partitions.push_back({.partition_index = each.partition, .timestamp = times.at(each)});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.topics) {
      for (const auto& each : topic.partitions) {
        told.tell(topic_partition{std::string(topic.name), each.partition_index},
                  outcome_of(each, [&] {
                    return kafka::listed_offset{each.offset, each.timestamp, each.leader_epoch};
                  }));
      }
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each_partition<std::vector<kafka::producer_state>>> describe_producers(
    cluster& cluster, const partition_list& partitions, std::optional<std::int32_t> broker) {
  using request_type = protocol::describe_producers_request;
  using states = std::vector<kafka::producer_state>;
  call_about<request_type, protocol::describe_producers_response, topic_partition, states> call{
      .keys = partitions, .route = [broker](const topic_partition& of) {
        return broker ? to_broker(*broker) : to_leader(of);
      }};
  call.request = [](const partition_list& some, const request_terms&) {
    request_type request;
    for (const topic_partition& each : some) {
      topic_in(request.topics, &request_type::topic_request::name, each.topic)
          .partition_indexes.push_back(each.partition);
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.topics) {
      for (const auto& each : topic.partitions) {
        told.tell(topic_partition{std::string(topic.name), each.partition_index},
                  outcome_of(each, [&] {
                    states producers;
                    for (const auto& producer : each.active_producers) {
                      producers.push_back(state_of(producer));
                    }
                    return producers;
                  }));
      }
    }
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
