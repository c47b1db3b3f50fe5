// A consumer in a group of one in a simulated world, and its coordinator.
#pragma once

#include <map>

#include "client/consumer_core.h"
#include "client/group_protocol.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/find_coordinator_response.h"
#include "protocol/messages/heartbeat_response.h"
#include "protocol/messages/join_group_request.h"
#include "protocol/messages/join_group_response.h"
#include "protocol/messages/leave_group_request.h"
#include "protocol/messages/leave_group_response.h"
#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_commit_response.h"
#include "protocol/messages/offset_fetch_response.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"
#include "protocol/messages/sync_group_request.h"
#include "protocol/messages/sync_group_response.h"
#include "scripted_cluster.h"

namespace barnabas::client {

// A coordinator of one member, which it makes the leader. `errors` are answered first.
struct scripted_group {
  std::map<protocol::api_key, std::vector<error_code>> errors;
  std::map<protocol::api_key, int> asked_times;
  std::int32_t generation = 0;
  std::string member_id;
  std::string instance_id;
  std::vector<std::string> topics;        // of the last JoinGroup
  std::vector<topic_partition> assigned;  // by the last SyncGroup
  std::vector<std::int64_t> commits;
  std::vector<std::string> left;  // reasons
  std::int64_t fetched_at = -1;
  std::int64_t committed = -1;
  std::int64_t epoch_end = -1;  // of the epoch that was committed with it

  error_code next_error(protocol::api_key key) {
    ++asked_times[key];
    return take_next(errors[key]);
  }
  reply answer(const asked& question);
  reply join(const asked& question);
  reply sync(const asked& question);
  reply commit(const asked& question);
};

inline reply scripted_group::join(const asked& question) {
  const auto request = rpc::request_in<protocol::join_group_request>(question);
  protocol::join_group_response answer;
  answer.error_code = next_error(question.key);
  member_id = "m";
  answer.member_id = member_id;
  if (answer.error_code == error_code::none && request.member_id.empty() &&
      !request.group_instance_id) {
    answer.error_code = error_code::member_id_required;
  }
  instance_id = std::string(request.group_instance_id.value_or(""));
  member_subscription said;
  EXPECT_TRUE(read_subscription(request.protocols.at(0).metadata, assignors()[0], said));
  topics = said.topics;
  if (answer.error_code == error_code::none) {
    answer.generation_id = ++generation;
    answer.protocol_name = request.protocols.at(0).name;
    answer.leader = member_id;
    answer.members = {{.member_id = member_id, .metadata = request.protocols.at(0).metadata}};
  }
  return {rpc::answer_frame(question, answer)};
}

inline reply scripted_group::sync(const asked& question) {
  const auto request = rpc::request_in<protocol::sync_group_request>(question);
  protocol::sync_group_response answer;
  answer.error_code = next_error(question.key);
  if (!request.assignments.empty()) {
    assigned = read_assignment(request.assignments.at(0).assignment).value();
    answer.assignment = request.assignments.at(0).assignment;
  }
  return {rpc::answer_frame(question, answer)};
}

inline reply scripted_group::commit(const asked& question) {
  const auto request = rpc::request_in<protocol::offset_commit_request>(question);
  const error_code code = next_error(question.key);
  EXPECT_EQ(request.member_id, member_id);
  const auto& said = request.topics.at(0).partitions.at(0);
  if (code == error_code::none) {
    commits.push_back(said.committed_offset);
  }
  protocol::offset_commit_response answer;
  answer.topics = {
      {.name = "t", .partitions = {{.partition_index = said.partition_index, .error_code = code}}}};
  return {rpc::answer_frame(question, answer)};
}

inline reply scripted_group::answer(const asked& question) {
  switch (question.key) {
    case protocol::api_key::find_coordinator: {
      protocol::find_coordinator_response it;
      it.error_code = next_error(question.key);
      it.node_id = 1;
      return {rpc::answer_frame(question, it)};
    }
    case protocol::api_key::join_group:
      return join(question);
    case protocol::api_key::sync_group:
      return sync(question);
    case protocol::api_key::heartbeat: {
      protocol::heartbeat_response it;
      it.error_code = next_error(question.key);
      return {rpc::answer_frame(question, it)};
    }
    case protocol::api_key::leave_group: {
      const auto request = rpc::request_in<protocol::leave_group_request>(question);
      left.emplace_back(request.members.at(0).reason.value_or(""));
      return {rpc::answer_frame(question, protocol::leave_group_response())};
    }
    case protocol::api_key::offset_fetch: {
      protocol::offset_fetch_response it;
      it.topics = {{.name = "t",
                    .partitions = {{.partition_index = 0,
                                    .committed_offset = committed,
                                    .committed_leader_epoch = epoch_end >= 0 ? 2 : -1,
                                    .error_code = next_error(question.key)}}}};
      return {rpc::answer_frame(question, it)};
    }
    case protocol::api_key::offset_for_leader_epoch: {
      protocol::offset_for_leader_epoch_response it;
      it.topics = {{.topic = "t",
                    .partitions = {{.error_code = next_error(question.key),
                                    .partition = 0,
                                    .leader_epoch = 2,
                                    .end_offset = epoch_end}}}};
      return {rpc::answer_frame(question, it)};
    }
    case protocol::api_key::fetch:
      fetched_at = rpc::request_in<protocol::fetch_request>(question)
                       .topics.at(0)
                       .partitions.at(0)
                       .fetch_offset;
      return {};  // it waits
    case protocol::api_key::offset_commit:
      return commit(question);
    default:
      return {};
  }
}

struct heard {
  std::vector<rebalance_notice> notices;
  std::size_t count(rebalance_notice::kind what) const {
    return static_cast<std::size_t>(std::ranges::count(notices, what, &rebalance_notice::what));
  }
};

// Polls for some time, without records.
inline task<> poll_for(consumer_core& consumer, runtime::duration time, heard& into) {
  runtime::shard& here = runtime::shard::current();
  const auto until = here.now() + time;
  while (here.now() < until) {
    consumer.queue().begin_poll(here.now());
    consumer.member().wake();
    while (auto notice = consumer.queue().take_notice()) {
      into.notices.push_back(std::move(*notice));
      consumer.queue().handled();
      consumer.member().wake();
    }
    co_await runtime::sleep_for(std::chrono::milliseconds(10));
  }
}

using member_story = std::function<task<>(consumer_core&, heard&)>;

inline task<> live(runtime::world& world, setting_map settings, const member_story& story,
                   heard& into) {
  settings.emplace("bootstrap.servers", "broker:9092");
  settings.emplace("group.id", "g");
  settings.emplace("auto.offset.reset", "earliest");
  consumer_core consumer(world, *make_consumer_configuration(settings));
  consumer.start();
  EXPECT_TRUE(consumer.subscribe({"t"}));
  co_await story(consumer, into);
  co_await consumer.stop();
}

inline heard lived(scripted_group& group, const member_story& story, setting_map settings = {}) {
  heard got;
  rpc::scripted_world world(
      cluster_of_one([&](const asked& question) { return group.answer(question); }));
  world.run([&](runtime::world& w) { return live(w, settings, story, got); });
  return got;
}

inline task<> poll_a_while(consumer_core& consumer, heard& into) {
  return poll_for(consumer, std::chrono::seconds(8), into);
}

}  // namespace barnabas::client
