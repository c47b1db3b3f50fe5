#include "client/admin/group_offsets.h"

#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_commit_response.h"
#include "protocol/messages/offset_delete_request.h"
#include "protocol/messages/offset_delete_response.h"
#include "protocol/messages/offset_fetch_request.h"
#include "protocol/messages/offset_fetch_response.h"

namespace barnabas::client {
namespace {

using kafka::each;
using kafka::topic_partition;
using partition_list = std::vector<topic_partition>;

// The last versions with names of topics, and the first OffsetFetch with many groups.
constexpr std::int16_t newest_offset_commit = 9;
constexpr std::int16_t newest_offset_fetch = 9;
constexpr std::int16_t first_with_many_groups = 8;
// The first that can leave offsets of open transactions to be waited for (KIP-447).
constexpr std::int16_t first_with_stable = 7;
// The first that can name no topic and mean all.
constexpr std::int16_t first_with_all = 2;

// No topics are all.
template <class Topic>
std::optional<std::vector<Topic>> topics_of(const partition_list& partitions) {
  if (partitions.empty()) {
    return std::nullopt;
  }
  std::vector<Topic> topics;
  for (const topic_partition& of : partitions) {
    auto found = std::ranges::find(topics, std::string_view(of.topic), &Topic::name);
    if (found == topics.end()) {
      found = topics.insert(found, Topic{.name = of.topic});
    }
    found->partition_indexes.push_back(of.partition);
  }
  return topics;
}

template <class Topics>
kafka::committed_offsets offsets_in(const Topics& topics) {
  kafka::committed_offsets offsets;
  for (const auto& topic : topics) {
    for (const auto& said : topic.partitions) {
      offsets.emplace(topic_partition{std::string(topic.name), said.partition_index},
                      outcome_of(said, [&] {
                        return kafka::committed_offset{said.committed_offset,
                                                       std::string(said.metadata.value_or("")),
                                                       said.committed_leader_epoch};
                      }));
    }
  }
  return offsets;
}

// What answers of OffsetCommit and OffsetDelete say of partitions.
template <class Topics>
void read_partitions(const Topics& topics, outcomes<topic_partition, void>& told) {
  for (const auto& topic : topics) {
    for (const auto& said : topic.partitions) {
      told.tell(topic_partition{std::string(topic.name), said.partition_index}, outcome_of(said));
    }
  }
}

}  // namespace

answer_to<each<std::string, kafka::committed_offsets>> list_group_offsets(
    cluster& cluster, const kafka::partitions_by_group& groups, bool only_stable) {
  using request_type = protocol::offset_fetch_request;
  call_about<request_type, protocol::offset_fetch_response, std::string, kafka::committed_offsets>
      call{.keys = keys_of(groups),
           .route = to_coordinator,
           .first_with_many_keys = first_with_many_groups,
           .lowest = only_stable ? first_with_stable : first_with_all,
           .highest = newest_offset_fetch};
  call.request = [&groups, only_stable](const std::vector<std::string>& some,
                                        const request_terms& terms) {
    request_type request;
    request.require_stable = only_stable;
    if (terms.version < first_with_many_groups) {
      request.group_id = some.front();
      request.topics = topics_of<request_type::topic>(groups.at(some.front()));
      return request;
    }
    for (const std::string& group : some) {
      auto& asked = request.groups.emplace_back();
      asked.group_id = group;
      asked.topics = topics_of<request_type::offset_fetch_request_topics>(groups.at(group));
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    if (said.groups.empty()) {  // a version for one group
      told.tell_only(offsets_in(said.topics));
    }
    for (const auto& group : said.groups) {
      told.tell(group.group_id, outcome_of(group, [&] { return offsets_in(group.topics); }));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<topic_partition>> alter_group_offsets(
    cluster& cluster, const std::string& group,
    const std::map<topic_partition, kafka::committed_offset>& offsets) {
  using request_type = protocol::offset_commit_request;
  call_about<request_type, protocol::offset_commit_response, topic_partition> call{
      .keys = keys_of(offsets), .highest = newest_offset_commit};
  call.route = [&group](const topic_partition&) { return to_coordinator(group); };
  call.request = [&](const partition_list& some, const request_terms&) {
    request_type request;
    request.group_id = group;
    for (const topic_partition& of : some) {
      const kafka::committed_offset& wanted = offsets.at(of);
      auto& asked =
          topic_in(request.topics, &request_type::topic::name, of.topic).partitions.emplace_back();
      asked.partition_index = of.partition;
      asked.committed_offset = wanted.offset;
      asked.committed_leader_epoch = wanted.leader_epoch;
      asked.committed_metadata = wanted.metadata;
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) { read_partitions(said.topics, told); };
  return ask_each(cluster, std::move(call));
}

answer_to<each<topic_partition>> delete_group_offsets(cluster& cluster, const std::string& group,
                                                      const partition_list& partitions) {
  using request_type = protocol::offset_delete_request;
  call_about<request_type, protocol::offset_delete_response, topic_partition> call{.keys =
                                                                                       partitions};
  call.route = [&group](const topic_partition&) { return to_coordinator(group); };
  call.request = [&group](const partition_list& some, const request_terms&) {
    request_type request;
    request.group_id = group;
    for (const topic_partition& of : some) {
      topic_in(request.topics, &request_type::topic::name, of.topic)
          .partitions.push_back({of.partition});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) { read_partitions(said.topics, told); };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
