#include "client/admin/replicas.h"

#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"

namespace barnabas::client {
namespace {

using kafka::each;
using kafka::topic_partition;
using partition_list = std::vector<topic_partition>;
using reassignments = std::map<topic_partition, kafka::reassignment>;

partition_list sorted(partition_list partitions) {
  std::ranges::sort(partitions);
  return partitions;
}

each<topic_partition> elected_in(const protocol::elect_leaders_response& said) {
  each<topic_partition> all;
  for (const auto& topic : said.replica_election_results) {
    for (const auto& each : topic.partition_result) {
      all.emplace(topic_partition{std::string(topic.topic), each.partition_id}, outcome_of(each));
    }
  }
  return all;
}

}  // namespace

answer_to<each<topic_partition>> elect_leaders(cluster& cluster, kafka::election_type type,
                                               const partition_list& partitions) {
  using request_type = protocol::elect_leaders_request;
  auto call = call_of_one<request_type, protocol::elect_leaders_response, each<topic_partition>>(
      to_controller);
  call.lowest = type == kafka::election_type::preferred ? 0 : 1;
  call.request = [type, wanted = sorted(partitions)](const auto&, const request_terms& terms) {
    request_type request;
    request.election_type = static_cast<std::int8_t>(type);
    request.timeout_ms = terms.timeout_ms;
    if (wanted.empty()) {
      request.topic_partitions.reset();
    }
    for (const topic_partition& of : wanted) {
      topic_in(*request.topic_partitions, &request_type::topic_partitions_entry::topic, of.topic)
          .partitions.push_back(of.partition);
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) { told.tell_only(elected_in(said)); };
  return ask_one(cluster, std::move(call));
}

answer_to<each<topic_partition>> alter_partition_reassignments(cluster& cluster,
                                                               const new_replicas& wanted) {
  using request_type = protocol::alter_partition_reassignments_request;
  call_about<request_type, protocol::alter_partition_reassignments_response, topic_partition> call{
      .keys = keys_of(wanted), .route = to_controller};
  call.request = [&wanted](const partition_list& some, const request_terms& terms) {
    request_type request;
    request.timeout_ms = terms.timeout_ms;
    for (const topic_partition& of : some) {
      topic_in(request.topics, &request_type::reassignable_topic::name, of.topic)
          .partitions.push_back({of.partition, wanted.at(of)});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.responses) {
      for (const auto& each : topic.partitions) {
        told.tell(topic_partition{std::string(topic.name), each.partition_index}, outcome_of(each));
      }
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<reassignments> list_partition_reassignments(cluster& cluster,
                                                      const partition_list& partitions) {
  using request_type = protocol::list_partition_reassignments_request;
  auto call =
      call_of_one<request_type, protocol::list_partition_reassignments_response, reassignments>(
          to_controller);
  call.request = [wanted = sorted(partitions)](const auto&, const request_terms& terms) {
    request_type request;
    request.timeout_ms = terms.timeout_ms;
    if (!wanted.empty()) {
      request.topics.emplace();
    }
    for (const topic_partition& of : wanted) {
      topic_in(*request.topics, &request_type::list_partition_reassignments_topics::name, of.topic)
          .partition_indexes.push_back(of.partition);
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    reassignments all;
    for (const auto& topic : said.topics) {
      for (const auto& each : topic.partitions) {
        all.emplace(
            topic_partition{std::string(topic.name), each.partition_index},
            kafka::reassignment{each.replicas, each.adding_replicas, each.removing_replicas});
      }
    }
    told.tell_only(std::move(all));
  };
  return ask_one(cluster, std::move(call));
}

}  // namespace barnabas::client
