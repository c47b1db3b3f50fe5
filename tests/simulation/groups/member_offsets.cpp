#include "groups/member.h"
#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_commit_response.h"
#include "protocol/messages/offset_fetch_request.h"
#include "protocol/messages/offset_fetch_response.h"

namespace barnabas::trial {
namespace {

using offsets = std::map<std::int32_t, std::int64_t>;

constexpr std::int16_t first_fetch_of_many = 8;

// What is committed for these partitions, in any version's way of asking; the answer's code is that
// of the group or of the first partition that has one.
struct fetched_offsets {
  error_code code = error_code::none;
  offsets by_partition;
};

template <class Topics>
fetched_offsets read_topics(error_code code, const Topics& topics) {
  fetched_offsets out{code, {}};
  for (const auto& topic : topics) {
    for (const auto& each : topic.partitions) {
      out.code = out.code == error_code::none ? each.error_code : out.code;
      out.by_partition[each.partition_index] = each.committed_offset;
    }
  }
  return out;
}

runtime::task<result<fetched_offsets>> ask_for_offsets(wire& to, std::string_view group_id,
                                                       std::vector<std::int32_t> partitions,
                                                       std::int16_t version) {
  protocol::offset_fetch_request request;
  if (version >= first_fetch_of_many) {
    auto& group = request.groups.emplace_back();
    group.group_id = group_id;
    auto& topic = group.topics->emplace_back();
    topic.name = topic_name;
    topic.partition_indexes = std::move(partitions);
  } else {
    request.group_id = group_id;
    request.topics->push_back({topic_name, std::move(partitions)});
  }
  auto answer = co_await to.ask<protocol::offset_fetch_response>(request, version);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  if (version >= first_fetch_of_many) {
    co_return read_topics(answer->groups.at(0).error_code, answer->groups.at(0).topics);
  }
  co_return read_topics(answer->error_code, answer->topics);
}

}  // namespace

runtime::task<result<member::next>> member::fetch(wire& to) {
  offsets lowest;
  std::vector<std::int32_t> partitions;
  for (const auto& [partition, position] : positions_) {
    lowest[partition] = around_.model.lowest(plan_.group, partition);
    partitions.push_back(partition);
  }
  if (partitions.empty()) {
    co_return next::go_on;
  }
  auto answer = co_await ask_for_offsets(to, group_id_, partitions, plan_.versions.fetch);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  const next then = react(answer->code, "OffsetFetch");
  if (then == next::go_on) {
    for (const std::int32_t partition : partitions) {
      const std::int64_t offset = answer->by_partition.at(partition);
      around_.model.fetched(plan_.group, partition, offset, lowest[partition]);
      positions_[partition] = offset;
    }
  }
  co_return then;
}

runtime::task<result<member::next>> member::commit(wire& to) {
  protocol::offset_commit_request request;
  request.group_id = group_id_;
  request.generation_id_or_member_epoch = generation_;
  request.member_id = member_id_;
  if (plan_.versions.commit >= 7) {
    request.group_instance_id = instance();
  }
  auto& topic = request.topics.emplace_back();
  topic.name = topic_name;
  for (auto& [partition, position] : positions_) {
    position += 1 + static_cast<std::int64_t>(runtime::shard::current().random() % 3);
    around_.model.committing(plan_.group, partition, position);
    auto& each = topic.partitions.emplace_back();
    each.partition_index = partition;
    each.committed_offset = position;
  }
  is_commit_open_ = true;
  auto answer = co_await to.ask<protocol::offset_commit_response>(request, plan_.versions.commit);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  is_commit_open_ = false;
  next then = next::go_on;
  for (const auto& each : answer->topics.at(0).partitions) {
    if (each.error_code == error_code::none) {
      around_.model.committed(plan_.group, each.partition_index,
                              positions_.at(each.partition_index));
    } else {
      then = react(each.error_code, "OffsetCommit");
    }
  }
  co_return then;
}

// As from a process of it that was stopped for a while: nobody may be set back by it.
runtime::task<result<member::next>> member::commit_late(wire& to) {
  protocol::offset_commit_request request;
  request.group_id = group_id_;
  request.generation_id_or_member_epoch = generation_ - 1;
  request.member_id = member_id_;
  if (plan_.versions.commit >= 7) {
    request.group_instance_id = instance();
  }
  auto& topic = request.topics.emplace_back();
  topic.name = topic_name;
  topic.partitions.push_back({.partition_index = 0, .committed_offset = 0});
  auto answer = co_await to.ask<protocol::offset_commit_response>(request, plan_.versions.commit);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  const error_code code = answer->topics.at(0).partitions.at(0).error_code;
  if (code == error_code::none) {
    around_.model.fail("old_generations_are_fenced",
                       fmt::format("member {} of generation {} committed in the one before",
                                   plan_.number, generation_));
  }
  co_return code == error_code::illegal_generation ? next::go_on : react(code, "OffsetCommit");
}

runtime::task<result<>> read_offsets(group_surroundings& around, runtime::world& world) {
  auto to = co_await wire::open(world);
  if (!to) {
    co_return fail(std::move(to.error()));
  }
  std::vector<std::int32_t> partitions;
  for (int i = 0; i < around.plan.partitions; ++i) {
    partitions.push_back(i);
  }
  for (int group = 0; group < around.plan.groups; ++group) {
    const std::string name = group_name(group);
    auto answer = co_await ask_for_offsets(**to, name, partitions, first_fetch_of_many);
    if (!answer) {
      co_return fail(std::move(answer.error()));
    }
    if (answer->code != error_code::none) {
      co_return fail(answer->code, "OffsetFetch");
    }
    for (const auto& [partition, offset] : answer->by_partition) {
      around.model.fetched(group, partition, offset, around.model.lowest(group, partition));
    }
  }
  co_return result<>{};
}

}  // namespace barnabas::trial
