#include "client/admin/share_groups.h"

#include "protocol/messages/alter_share_group_offsets_request.h"
#include "protocol/messages/alter_share_group_offsets_response.h"
#include "protocol/messages/delete_share_group_offsets_request.h"
#include "protocol/messages/delete_share_group_offsets_response.h"
#include "protocol/messages/describe_share_group_offsets_request.h"
#include "protocol/messages/describe_share_group_offsets_response.h"

namespace barnabas::client {
namespace {

using kafka::each;
using kafka::topic_partition;
using describe_request = protocol::describe_share_group_offsets_request;
using describe_response = protocol::describe_share_group_offsets_response;

describe_request::group question_of(const std::string& group,
                                    const std::vector<topic_partition>& partitions) {
  describe_request::group asked{.group_id = group};
  if (partitions.empty()) {
    asked.topics.reset();  // all
  }
  for (const topic_partition& of : partitions) {
    topic_in(*asked.topics, &describe_request::topic::topic_name, of.topic)
        .partitions.push_back(of.partition);
  }
  return asked;
}

kafka::share_offsets offsets_in(const describe_response::group& said) {
  kafka::share_offsets offsets;
  for (const auto& topic : said.topics) {
    for (const auto& each : topic.partitions) {
      offsets.emplace(topic_partition{std::string(topic.topic_name), each.partition_index},
                      outcome_of(each, [&] {
                        return kafka::share_offset{each.start_offset, each.lag, each.leader_epoch};
                      }));
    }
  }
  return offsets;
}

}  // namespace

answer_to<each<std::string, kafka::share_offsets>> list_share_group_offsets(
    cluster& cluster, const kafka::partitions_by_group& groups) {
  call_about<describe_request, describe_response, std::string, kafka::share_offsets> call{
      .keys = keys_of(groups), .route = to_coordinator};
  kafka::partitions_by_group wanted = groups;
  for (auto& [group, partitions] : wanted) {
    std::ranges::sort(partitions);
  }
  call.request = [wanted = std::move(wanted)](const std::vector<std::string>& some,
                                              const request_terms&) {
    describe_request request;
    for (const std::string& group : some) {
      request.groups.push_back(question_of(group, wanted.at(group)));
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& group : said.groups) {
      told.tell(group.group_id, outcome_of(group, [&] { return offsets_in(group); }));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<topic_partition>> alter_share_group_offsets(
    cluster& cluster, const std::string& group,
    const std::map<topic_partition, std::int64_t>& starts) {
  using request_type = protocol::alter_share_group_offsets_request;
  call_about<request_type, protocol::alter_share_group_offsets_response, topic_partition> call{
      .keys = keys_of(starts)};
  call.route = [&group](const topic_partition&) { return to_coordinator(group); };
  call.request = [&](const std::vector<topic_partition>& some, const request_terms&) {
    request_type request;
    request.group_id = group;
    for (const topic_partition& of : some) {
      topic_in(request.topics, &request_type::topic::topic_name, of.topic)
          .partitions.push_back({of.partition, starts.at(of)});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.responses) {
      for (const auto& each : topic.partitions) {
        told.tell(topic_partition{std::string(topic.topic_name), each.partition_index},
                  outcome_of(each));
      }
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<std::string>> delete_share_group_offsets(cluster& cluster, const std::string& group,
                                                        const std::vector<std::string>& topics) {
  call_about<protocol::delete_share_group_offsets_request,
             protocol::delete_share_group_offsets_response, std::string>
      call{.keys = topics};
  call.route = [&group](const std::string&) { return to_coordinator(group); };
  call.request = [&group](const std::vector<std::string>& some, const request_terms&) {
    protocol::delete_share_group_offsets_request request;
    request.group_id = group;
    for (const std::string& topic : some) {
      request.topics.push_back({topic});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.responses) {
      told.tell(topic.topic_name, outcome_of(topic));
    }
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
