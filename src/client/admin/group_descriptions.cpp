#include "client/admin/groups.h"
#include "client/admin/operations.h"
#include "client/group_protocol.h"
#include "protocol/messages/consumer_group_describe_request.h"
#include "protocol/messages/consumer_group_describe_response.h"
#include "protocol/messages/describe_groups_request.h"
#include "protocol/messages/describe_groups_response.h"
#include "protocol/messages/share_group_describe_request.h"
#include "protocol/messages/share_group_describe_response.h"

namespace barnabas::client {
namespace {

using group_names = std::vector<std::string>;
using kafka::group_description;
using kafka::group_member;
using kafka::topic_partition;

constexpr std::int16_t first_describe_groups_with_operations = 3;

template <class Assignment>
std::vector<topic_partition> partitions_of(const Assignment& said) {
  std::vector<topic_partition> all;
  for (const auto& topic : said.topic_partitions) {
    for (const std::int32_t partition : topic.partitions) {
      all.push_back({std::string(topic.topic_name), partition});
    }
  }
  return all;
}

// What members of consumer and share groups have in common.
template <class Said>
group_member newer_member(const Said& said) {
  group_member member{.id = std::string(said.member_id),
                      .client_id = std::string(said.client_id),
                      .host = std::string(said.client_host),
                      .assignment = partitions_of(said.assignment),
                      .rack = text_of(said.rack_id),
                      .epoch = said.member_epoch};
  member.subscribed_topics.assign(said.subscribed_topic_names.begin(),
                                  said.subscribed_topic_names.end());
  if constexpr (requires { said.target_assignment; }) {
    member.instance_id = text_of(said.instance_id);
    member.target_assignment = partitions_of(said.target_assignment);
    member.subscribed_pattern = text_of(said.subscribed_topic_regex);
  }
  return member;
}

template <class Said>
group_description newer_group(const Said& said, const char* type) {
  group_description group{.id = std::string(said.group_id),
                          .type = type,
                          .state = std::string(said.group_state),
                          .assignor = std::string(said.assignor_name),
                          .epoch = said.group_epoch,
                          .assignment_epoch = said.assignment_epoch,
                          .operations = operations_of(said.authorized_operations)};
  for (const auto& member : said.members) {
    group.members.push_back(newer_member(member));
  }
  return group;
}

group_member classic_member(const protocol::describe_groups_response::described_group_member& said,
                            bool is_consumer) {
  group_member member{.id = std::string(said.member_id),
                      .instance_id = text_of(said.group_instance_id),
                      .client_id = std::string(said.client_id),
                      .host = std::string(said.client_host),
                      .metadata_bytes = std::string(as_text(said.member_metadata)),
                      .assignment_bytes = std::string(as_text(said.member_assignment))};
  if (is_consumer) {
    // What cannot be read stays in assignment_bytes: it is other members' affair.
    const auto assigned = read_assignment(said.member_assignment);
    for (const auto& each : assigned.value_or(std::vector<barnabas::topic_partition>())) {
      member.assignment.push_back({each.topic, each.partition});
    }
  }
  return member;
}

group_description classic_group(const protocol::describe_groups_response::described_group& said) {
  group_description group{.id = std::string(said.group_id),
                          .type = "Classic",
                          .state = std::string(said.group_state),
                          .protocol_type = std::string(said.protocol_type),
                          .assignor = std::string(said.protocol_data),
                          .operations = operations_of(said.authorized_operations)};
  for (const auto& member : said.members) {
    group.members.push_back(classic_member(member, said.protocol_type == "consumer"));
  }
  return group;
}

template <class Request, class Response>
answer_to<group_descriptions> describe_newer(cluster& cluster, const group_names& groups,
                                             bool with_operations, const char* type) {
  call_about<Request, Response, std::string, group_description> call{.keys = groups,
                                                                     .route = to_coordinator};
  call.request = [with_operations](const group_names& some, const request_terms&) {
    Request request;
    request.include_authorized_operations = with_operations;
    request.group_ids.assign(some.begin(), some.end());
    return request;
  };
  call.read = [type](const auto& said, auto& told) {
    for (const auto& group : said.groups) {
      told.tell(group.group_id, outcome_of(group, [&] { return newer_group(group, type); }));
    }
  };
  return ask_each(cluster, std::move(call));
}

// Whether a group may be a classic one, for what was said when it was asked for as a newer one.
bool may_be_classic(const kafka::error& why) {
  const auto code = static_cast<error_code>(why.code);
  return code == error_code::group_id_not_found || code == error_code::unsupported_version;
}

}  // namespace

answer_to<group_descriptions> describe_classic_groups(cluster& cluster, const group_names& groups,
                                                      bool with_operations) {
  call_about<protocol::describe_groups_request, protocol::describe_groups_response, std::string,
             group_description>
      call{.keys = groups, .route = to_coordinator};
  call.lowest = with_operations ? first_describe_groups_with_operations : 0;
  call.request = [with_operations](const group_names& some, const request_terms&) {
    protocol::describe_groups_request request;
    request.include_authorized_operations = with_operations;
    request.groups.assign(some.begin(), some.end());
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& group : said.groups) {
      told.tell(group.group_id, outcome_of(group, [&] { return classic_group(group); }));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<group_descriptions> describe_consumer_groups(cluster& cluster, const group_names& groups,
                                                       bool with_operations) {
  auto described = co_await describe_newer<protocol::consumer_group_describe_request,
                                           protocol::consumer_group_describe_response>(
      cluster, groups, with_operations, "Consumer");
  if (!described && may_be_classic(described.error())) {
    co_return co_await describe_classic_groups(cluster, groups, with_operations);
  }
  if (!described) {
    co_return described.error();
  }
  group_names others;
  for (const auto& [group, outcome] : *described) {
    if (!outcome && may_be_classic(outcome.error())) {
      others.push_back(group);
    }
  }
  auto classic = co_await describe_classic_groups(cluster, others, with_operations);
  if (!classic) {
    co_return classic.error();
  }
  for (auto& [group, outcome] : *classic) {
    described->insert_or_assign(group, std::move(outcome));
  }
  co_return described;
}

answer_to<group_descriptions> describe_share_groups(cluster& cluster, const group_names& groups,
                                                    bool with_operations) {
  return describe_newer<protocol::share_group_describe_request,
                        protocol::share_group_describe_response>(cluster, groups, with_operations,
                                                                 "Share");
}

}  // namespace barnabas::client
