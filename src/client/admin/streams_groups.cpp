#include "client/admin/streams_groups.h"
#include "client/admin/operations.h"

#include "protocol/messages/streams_group_describe_request.h"
#include "protocol/messages/streams_group_describe_response.h"

namespace barnabas::client {
namespace {

using response = protocol::streams_group_describe_response;
using text_list = std::vector<std::string>;

text_list texts_of(const std::vector<std::string_view>& said) {
  return text_list(said.begin(), said.end());
}
text_list names_of(const std::vector<response::topic_info>& said) {
  text_list names;
  for (const auto& topic : said) {
    names.emplace_back(topic.name);
  }
  return names;
}

kafka::streams_tasks tasks_of(const std::vector<response::task_ids>& said) {
  kafka::streams_tasks tasks;
  for (const auto& each : said) {
    tasks[std::string(each.subtopology_id)] = each.partitions;
  }
  return tasks;
}
kafka::streams_assignment assignment_of(const response::assignment_entry& said) {
  return {tasks_of(said.active_tasks), tasks_of(said.standby_tasks), tasks_of(said.warmup_tasks)};
}

kafka::streams_member member_of(const response::member& said) {
  kafka::streams_member member{.id = std::string(said.member_id),
                               .epoch = said.member_epoch,
                               .instance_id = text_of(said.instance_id),
                               .rack = text_of(said.rack_id),
                               .client_id = std::string(said.client_id),
                               .host = std::string(said.client_host),
                               .topology_epoch = said.topology_epoch,
                               .process_id = std::string(said.process_id),
                               .assignment = assignment_of(said.assignment),
                               .target_assignment = assignment_of(said.target_assignment),
                               .is_classic = said.is_classic};
  if (said.user_endpoint) {
    member.endpoint =
        std::string(said.user_endpoint->host) + ':' + std::to_string(said.user_endpoint->port);
  }
  for (const auto& tag : said.client_tags) {
    member.client_tags.emplace(tag.key, tag.value);
  }
  return member;
}

kafka::streams_group_description description_of(const response::described_group& said) {
  kafka::streams_group_description group{.id = std::string(said.group_id),
                                         .state = std::string(said.group_state),
                                         .epoch = said.group_epoch,
                                         .assignment_epoch = said.assignment_epoch,
                                         .operations = operations_of(said.authorized_operations)};
  if (said.topology) {
    group.topology_epoch = said.topology->epoch;
  }
  if (said.topology && said.topology->subtopologies) {
    for (const auto& each : *said.topology->subtopologies) {
      group.subtopologies.push_back({std::string(each.subtopology_id), texts_of(each.source_topics),
                                     texts_of(each.repartition_sink_topics),
                                     names_of(each.repartition_source_topics),
                                     names_of(each.state_changelog_topics)});
    }
  }
  for (const auto& member : said.members) {
    group.members.push_back(member_of(member));
  }
  return group;
}

}  // namespace

answer_to<kafka::each<std::string, kafka::streams_group_description>> describe_streams_groups(
    cluster& cluster, const text_list& groups, bool with_operations) {
  call_about<protocol::streams_group_describe_request, response, std::string,
             kafka::streams_group_description>
      call{.keys = groups, .route = to_coordinator};
  call.request = [with_operations](const text_list& some, const request_terms&) {
    protocol::streams_group_describe_request request;
    request.include_authorized_operations = with_operations;
    request.group_ids.assign(some.begin(), some.end());
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& group : said.groups) {
      told.tell(group.group_id, outcome_of(group, [&] { return description_of(group); }));
    }
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
