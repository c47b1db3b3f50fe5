// The handlers of groups and offsets in a whole broker in a simulated world: what they answer in
// each version. What a group does is tested in group/tests.
#include <gmock/gmock.h>

#include "base/log.h"
#include "broker/api_table.h"
#include "broker/broker.h"
#include "broker/tests/broker_client.h"
#include "metastore/memory_store.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_groups_request.h"
#include "protocol/messages/delete_groups_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_groups_request.h"
#include "protocol/messages/describe_groups_response.h"
#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"
#include "protocol/messages/heartbeat_request.h"
#include "protocol/messages/heartbeat_response.h"
#include "protocol/messages/join_group_request.h"
#include "protocol/messages/join_group_response.h"
#include "protocol/messages/leave_group_request.h"
#include "protocol/messages/leave_group_response.h"
#include "protocol/messages/list_groups_request.h"
#include "protocol/messages/list_groups_response.h"
#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_commit_response.h"
#include "protocol/messages/offset_delete_request.h"
#include "protocol/messages/offset_delete_response.h"
#include "protocol/messages/offset_fetch_request.h"
#include "protocol/messages/offset_fetch_response.h"
#include "protocol/messages/sync_group_request.h"
#include "protocol/messages/sync_group_response.h"
#include "runtime/simulated/simulation.h"
#include "runtime/wait.h"

namespace barnabas::broker {
namespace {

using namespace std::chrono_literals;
using runtime::task;
using testing::SizeIs;

// A member of group "g" that asks in versions as near to `version` as there are.
struct member_client {
  broker_client& by;
  std::int16_t version;
  std::string id;
  std::int32_t generation = -1;

  template <class Response, class Request>
  task<Response> ask(Request request) {
    return by.ask<Response>(std::move(request),
                            std::clamp(version, lowest<Request>(), Request::highest_version));
  }
  template <class Request>
  static std::int16_t lowest() {
    return all_apis().find(static_cast<std::int16_t>(Request::api))->lowest_version;
  }
};

task<> join(member_client& me) {
  const auto request = [&me] {
    protocol::join_group_request out;
    out.group_id = "g";
    out.session_timeout_ms = 10'000;
    out.rebalance_timeout_ms = me.version > 0 ? 10'000 : -1;
    out.member_id = me.id;
    out.protocol_type = "consumer";
    out.protocols.push_back({"range", as_bytes("topics")});
    return out;
  };
  auto answer = co_await me.ask<protocol::join_group_response>(request());
  if (me.version >= 4) {
    EXPECT_EQ(answer.error_code, error_code::member_id_required);
    me.id = answer.member_id;
    answer = co_await me.ask<protocol::join_group_response>(request());
  }
  EXPECT_EQ(answer.error_code, error_code::none);
  EXPECT_THAT(answer.members, SizeIs(1));
  EXPECT_EQ(answer.leader, answer.member_id);
  EXPECT_EQ(answer.protocol_name, "range");
  me.id = answer.member_id;
  me.generation = answer.generation_id;
}

task<> sync(member_client& me) {
  protocol::sync_group_request request;
  request.group_id = "g";
  request.generation_id = me.generation;
  request.member_id = me.id;
  if (me.version >= 5) {
    const auto refused = co_await me.ask<protocol::sync_group_response>(request);
    EXPECT_EQ(refused.error_code, error_code::inconsistent_group_protocol) << "must name it";
    request.protocol_type = "consumer";
    request.protocol_name = "range";
  }
  request.assignments.push_back({me.id, as_bytes("mine")});
  const auto answer = co_await me.ask<protocol::sync_group_response>(request);
  EXPECT_EQ(answer.error_code, error_code::none);
  EXPECT_EQ(as_text(answer.assignment), "mine");
}

protocol::offset_commit_request commit_of(const member_client& me, std::string_view topic,
                                          const uuid& id, std::int64_t offset) {
  protocol::offset_commit_request request;
  request.group_id = "g";
  request.generation_id_or_member_epoch = me.generation;
  request.member_id = me.id;
  auto& out = request.topics.emplace_back();
  out.name = topic;
  out.topic_id = id;
  out.partitions.push_back({.partition_index = 0, .committed_offset = offset});
  return request;
}

task<error_code> commit(member_client& me, std::string_view topic, const uuid& id,
                        std::int64_t offset) {
  const auto answer =
      co_await me.ask<protocol::offset_commit_response>(commit_of(me, topic, id, offset));
  co_return answer.topics.at(0).partitions.at(0).error_code;
}

// Offset and error of partition 0.
task<std::pair<std::int64_t, error_code>> fetch(member_client& me, std::string_view topic,
                                                const uuid& id) {
  protocol::offset_fetch_request request;
  if (me.version < 8) {
    request.group_id = "g";
    request.topics->push_back({topic, {0}});
    const auto answer = co_await me.ask<protocol::offset_fetch_response>(request);
    const auto& found = answer.topics.at(0).partitions.at(0);
    co_return std::pair(found.committed_offset, found.error_code);
  }
  auto& group = request.groups.emplace_back();
  group.group_id = "g";
  group.topics->push_back({topic, id, {0}});
  const auto answer = co_await me.ask<protocol::offset_fetch_response>(request);
  const auto& found = answer.groups.at(0).topics.at(0);
  EXPECT_EQ(found.topic_id, me.version >= 10 ? id : uuid());
  co_return std::pair(found.partitions.at(0).committed_offset, found.partitions.at(0).error_code);
}

task<error_code> beat(member_client& me) {
  protocol::heartbeat_request request;
  request.group_id = "g";
  request.generation_id = me.generation;
  request.member_id = me.id;
  co_return (co_await me.ask<protocol::heartbeat_response>(request)).error_code;
}

task<error_code> leave(member_client& me) {
  protocol::leave_group_request request;
  request.group_id = "g";
  if (me.version < 3) {
    request.member_id = me.id;
  } else {
    request.members.push_back({me.id, std::nullopt, std::nullopt});
  }
  const auto answer = co_await me.ask<protocol::leave_group_response>(request);
  EXPECT_EQ(answer.members.size(), me.version < 3 ? 0U : 1U);
  co_return answer.members.empty() ? answer.error_code : answer.members[0].error_code;
}

task<> look_at(member_client& me, std::string_view state, std::size_t members) {
  const auto listed =
      co_await me.ask<protocol::list_groups_response>(protocol::list_groups_request());
  EXPECT_THAT(listed.groups, SizeIs(1));
  EXPECT_EQ(listed.groups.at(0).group_id, "g");
  EXPECT_EQ(listed.groups.at(0).group_state, me.version >= 4 ? state : "");
  EXPECT_EQ(listed.groups.at(0).group_type, me.version >= 5 ? "classic" : "");
  protocol::describe_groups_request request;
  request.groups = {"g", "nobody"};
  request.include_authorized_operations = me.version >= 3;
  const auto answer = co_await me.ask<protocol::describe_groups_response>(request);
  EXPECT_EQ(answer.groups.at(0).group_state, state);
  EXPECT_THAT(answer.groups.at(0).members, SizeIs(members));
  EXPECT_EQ(answer.groups.at(0).authorized_operations, me.version >= 3 ? 328 : INT32_MIN);
  EXPECT_EQ(answer.groups.at(1).group_state, "Dead");
  EXPECT_EQ(answer.groups.at(1).error_code,
            me.version >= 6 ? error_code::group_id_not_found : error_code::none);
}

task<error_code> delete_group(member_client& me) {
  protocol::delete_groups_request request;
  request.groups_names = {"g"};
  const auto answer = co_await me.ask<protocol::delete_groups_response>(request);
  co_return answer.results.at(0).error_code;
}

// The life of a member and its group.
task<> live(broker_client& by, std::int16_t version, const uuid& topic_id) {
  member_client me{by, version, {}};
  co_await join(me);
  co_await sync(me);
  EXPECT_EQ(co_await beat(me), error_code::none);
  EXPECT_EQ(co_await commit(me, "t", topic_id, 42), error_code::none);
  const auto unknown =
      version >= 10 ? error_code::unknown_topic_id : error_code::unknown_topic_or_partition;
  EXPECT_EQ(co_await commit(me, "u", uuid::from_random(1, 1), 1), unknown);
  EXPECT_EQ(co_await fetch(me, "t", topic_id), std::pair(std::int64_t{42}, error_code::none));
  EXPECT_EQ(co_await fetch(me, "u", uuid::from_random(1, 1)),
            std::pair(std::int64_t{-1}, version >= 10 ? unknown : error_code::none));
  co_await look_at(me, "Stable", 1);
  EXPECT_EQ(co_await delete_group(me), error_code::non_empty_group);
  EXPECT_EQ(co_await leave(me), error_code::none);
  EXPECT_EQ(co_await leave(me), error_code::unknown_member_id);
  co_await look_at(me, "Empty", 0);
  EXPECT_EQ(co_await delete_group(me), error_code::none);
  EXPECT_EQ(co_await delete_group(me), error_code::group_id_not_found);
}

task<uuid> create_topic(broker_client& by) {
  protocol::create_topics_request message;
  message.topics.push_back({.name = "t", .num_partitions = 1, .replication_factor = 1});
  message.timeout_ms = 10'000;
  const auto made = co_await by.ask<protocol::create_topics_response>(std::move(message), 7);
  co_return made.topics.at(0).topic_id;
}

task<> find_coordinator(broker_client& by) {
  protocol::find_coordinator_request request;
  request.key = "g";
  const auto found = co_await by.ask<protocol::find_coordinator_response>(request, 0);
  EXPECT_EQ(found.error_code, error_code::none);
}

task<> every_version(broker_client& by) {
  const uuid topic_id = co_await create_topic(by);
  for (std::int16_t version = 0; version <= 10; ++version) {
    SCOPED_TRACE(version);
    co_await live(by, version, topic_id);
  }
}

task<> codes_by_version(broker_client& by) {
  const uuid id = co_await create_topic(by);
  for (const std::int16_t version : {8, 9}) {
    member_client stranger{by, version, "m", 3};
    EXPECT_EQ(co_await commit(stranger, "t", id, 1),
              version < 9 ? error_code::illegal_generation : error_code::group_id_not_found);
  }
  member_client nameless{by, 3, "m", 3};
  protocol::leave_group_request without_group;
  without_group.members.push_back({"m", std::nullopt, std::nullopt});
  const auto left = co_await nameless.ask<protocol::leave_group_response>(without_group);
  EXPECT_EQ(left.error_code, error_code::invalid_group_id);
}

task<> several_groups(broker_client& by) {
  const uuid id = co_await create_topic(by);
  for (const std::string_view name : {"a", "b"}) {
    member_client simple{by, 8, {}};
    auto request = commit_of(simple, "t", id, name == "a" ? 1 : 2);
    request.group_id = name;
    co_await simple.ask<protocol::offset_commit_response>(request);
  }
  for (const std::int16_t version : {8, 9, 10}) {
    protocol::offset_fetch_request request;
    for (const std::string_view name : {"a", "b", "nobody"}) {
      auto& group = request.groups.emplace_back();
      group.group_id = name;
      group.topics.reset();  // all
    }
    const auto answer = co_await by.ask<protocol::offset_fetch_response>(request, version);
    EXPECT_THAT(answer.groups, SizeIs(3));
    EXPECT_EQ(answer.groups.at(0).topics.at(0).partitions.at(0).committed_offset, 1);
    EXPECT_EQ(answer.groups.at(1).topics.at(0).partitions.at(0).committed_offset, 2);
    EXPECT_EQ(answer.groups.at(1).topics.at(0).name, version < 10 ? "t" : "");
    EXPECT_THAT(answer.groups.at(2).topics, SizeIs(0));
  }
  protocol::list_groups_request filtered;
  filtered.states_filter = {"stable"};
  auto listed = co_await by.ask<protocol::list_groups_response>(filtered, 5);
  EXPECT_THAT(listed.groups, SizeIs(0));
  filtered.states_filter = {"EMPTY", "Stable"};
  filtered.types_filter = {"Classic"};
  listed = co_await by.ask<protocol::list_groups_response>(filtered, 5);
  EXPECT_THAT(listed.groups, SizeIs(2));
  filtered.types_filter = {"consumer"};
  listed = co_await by.ask<protocol::list_groups_response>(filtered, 5);
  EXPECT_THAT(listed.groups, SizeIs(0));
}

task<> unknown_partitions(broker_client& by) {
  const uuid id = co_await create_topic(by);
  member_client me{by, 8, {}};
  auto request = commit_of(me, "u", id, 1);
  auto& known = request.topics.emplace_back();
  known.name = "t";
  for (const std::int32_t index : {7, 0, -1}) {
    known.partitions.push_back({.partition_index = index, .committed_offset = 5});
  }
  const auto answer = co_await me.ask<protocol::offset_commit_response>(request);
  std::vector<error_code> codes;
  for (const auto& topic : answer.topics) {
    for (const auto& partition : topic.partitions) {
      codes.push_back(partition.error_code);
    }
  }
  const auto unknown = error_code::unknown_topic_or_partition;
  EXPECT_THAT(codes, testing::ElementsAre(unknown, unknown, error_code::none, unknown));
  EXPECT_EQ((co_await fetch(me, "t", id)).first, 5);
}

task<> forgetting(broker_client& by) {
  const uuid id = co_await create_topic(by);
  member_client me{by, 8, {}};
  EXPECT_EQ(co_await commit(me, "t", id, 5), error_code::none);
  protocol::offset_delete_request request;
  request.group_id = "g";
  request.topics.push_back({"u", {{0}}});
  request.topics.push_back({"t", {{0}, {7}}});
  const auto deleted = co_await me.ask<protocol::offset_delete_response>(request);
  EXPECT_EQ(deleted.topics.at(0).partitions.at(0).error_code,
            error_code::unknown_topic_or_partition);
  EXPECT_EQ(deleted.topics.at(1).name, "t");
  EXPECT_EQ(deleted.topics.at(1).partitions.at(0).error_code, error_code::none);
  EXPECT_EQ(deleted.topics.at(1).partitions.at(1).error_code,
            error_code::unknown_topic_or_partition);
  EXPECT_EQ((co_await fetch(me, "t", id)).first, -1);
  EXPECT_EQ((co_await me.ask<protocol::offset_delete_response>(request)).error_code,
            error_code::group_id_not_found);
  request.group_id = "";
  EXPECT_EQ((co_await me.ask<protocol::offset_delete_response>(request)).error_code,
            error_code::invalid_group_id);

  EXPECT_EQ(co_await commit(me, "t", id, 6), error_code::none);
  protocol::delete_topics_request doomed;
  doomed.topic_names = {"t"};
  doomed.timeout_ms = 10'000;
  co_await by.ask<protocol::delete_topics_response>(doomed, 5);
  co_await runtime::sleep_for(100ms);
  EXPECT_EQ((co_await fetch(me, "t", id)).first, -1);
}

task<> with_broker(runtime::world& world, task<> (*work)(broker_client&), bool& has_ended) {
  config_remarks remarks;
  metastore::memory_store store;
  broker it(world,
            *make_server_config({{"listeners", "PLAINTEXT://127.0.0.1:9092", 0},
                                 {"log.dirs", "/data", 0},
                                 {"offsets.topic.num.partitions", "3", 0},
                                 {"group.initial.rebalance.delay.ms", "0", 0}},
                                remarks),
            &store);
  EXPECT_TRUE(co_await it.start());
  {
    broker_client by = co_await broker_client::open(world, "client");
    co_await find_coordinator(by);
    co_await runtime::sleep_for(1s);
    co_await work(by);
  }
  co_await it.stop();
  has_ended = true;
}

void in_simulation(task<> (*work)(broker_client&)) {
  set_log_to_stderr(false);
  runtime::simulated::simulation simulation(7);
  bool has_ended = false;
  simulation.add_machine("one", 2).start(
      [&](runtime::world& world) { return with_broker(world, work, has_ended); });
  EXPECT_TRUE(simulation.run_until([&] { return has_ended; }, std::chrono::minutes(10)));
}

TEST(group_handlers, a_member_lives_in_every_version) {
  in_simulation(every_version);
}
TEST(group_handlers, codes_follow_the_version) {
  in_simulation(codes_by_version);
}
TEST(group_handlers, offsets_of_several_groups_and_filters_of_lists) {
  in_simulation(several_groups);
}
TEST(group_handlers, offsets_of_partitions_that_are_not_there_are_refused) {
  in_simulation(unknown_partitions);
}
TEST(group_handlers, deleted_offsets_and_topics_are_forgotten) {
  in_simulation(forgetting);
}

}  // namespace
}  // namespace barnabas::broker
