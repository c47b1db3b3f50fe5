// What a member says to its coordinator: joining, the leader's plan, heartbeats, leaving.
#include <algorithm>
#include <set>

#include "client/group_member.h"
#include "client/group_protocol.h"
#include "protocol/messages/heartbeat_request.h"
#include "protocol/messages/heartbeat_response.h"
#include "protocol/messages/join_group_request.h"
#include "protocol/messages/join_group_response.h"
#include "protocol/messages/leave_group_request.h"
#include "protocol/messages/leave_group_response.h"
#include "protocol/messages/sync_group_request.h"
#include "protocol/messages/sync_group_response.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

constexpr std::string_view consumer_protocol = "consumer";
// What a coordinator may take beyond the time in which members must have joined.
constexpr auto patience_with_coordinator = std::chrono::seconds(5);

error refused(const std::string& group, std::string_view what, error_code code) {
  return {code, std::string(what) + " group " + group + ": " + std::string(error_name(code))};
}

std::optional<std::string_view> instance_of(const group_session::identity& who) {
  return who.instance_id.empty() ? std::nullopt : std::optional<std::string_view>(who.instance_id);
}

std::int32_t in_ms(runtime::duration time) {
  return static_cast<std::int32_t>(time / std::chrono::milliseconds(1));
}

}  // namespace

// A coordinator gives a new member its id before it lets it join (KIP-394).
runtime::task<result<group_member::joined_group>> group_member::join() {
  auto joined = co_await join_once();
  if (!joined && joined.error().code == error_code::member_id_required &&
      !session_.me().member_id.empty()) {
    joined = co_await join_once();
  }
  co_return joined;
}

runtime::task<result<group_member::joined_group>> group_member::join_once() {
  const group_session::identity as = session_.me();
  member_subscription mine = last_;
  mine.topics = topics_;
  mine.rack = settings_.rack;
  if (is_cooperative_) {
    mine.owned = owned_;
  }
  std::vector<std::vector<std::byte>> said;
  protocol::join_group_request question{
      .group_id = as.group,
      .session_timeout_ms = in_ms(settings_.group.session_timeout),
      .rebalance_timeout_ms = in_ms(settings_.group.most_poll_interval),
      .member_id = as.member_id,
      .group_instance_id = instance_of(as),
      .protocol_type = consumer_protocol};
  for (const assignor* const each : settings_.group.strategies) {
    said.push_back(subscription_bytes(mine, *each));
    question.protocols.push_back({each->name, said.back()});
  }
  const std::uint64_t before = membership_;
  // The coordinator may wait for a member with a longer interval, as Java's client thinks too.
  const auto deadline = runtime::shard::current().now() +
                        std::max(settings_.group.most_poll_interval + patience_with_coordinator,
                                 cluster_.settings().request_timeout);
  const auto answer = co_await session_.call<protocol::join_group_response>(question, deadline);
  if (!answer) {
    co_return fail(answer.error());
  }
  const protocol::join_group_response& it = answer->message;
  if (before != membership_) {
    co_return fail(error_code::unknown_member_id, "the membership has ended");
  }
  if (it.error_code == error_code::member_id_required) {
    session_.set_member_id(it.member_id);
  }
  if (it.error_code != error_code::none) {
    co_return fail(refused(as.group, "joining", it.error_code));
  }
  session_.set_member_id(it.member_id);
  session_.set_generation(it.generation_id);
  co_return co_await plan(it);
}

// Of a follower, and of a static leader that comes back to a plan which holds, an empty plan.
runtime::task<group_member::joined_group> group_member::plan(
    const protocol::join_group_response& answer) {
  joined_group joined{.as = session_.me(),
                      .strategy = std::string(answer.protocol_name.value_or(""))};
  const assignor* const how = find_assignor(joined.strategy);
  is_leader_ = answer.leader == answer.member_id && how != nullptr;
  if (!is_leader_) {
    co_return joined;
  }
  member_subscriptions members;
  std::set<std::string> wanted;
  for (const auto& each : answer.members) {
    member_subscription member{.member_id = std::string(each.member_id),
                               .instance_id = std::string(each.group_instance_id.value_or(""))};
    // One that cannot be read gets nothing, the others go on.
    if (!read_subscription(each.metadata, *how, member)) {
      member = {.member_id = member.member_id};
    }
    wanted.insert(member.topics.begin(), member.topics.end());
    members.push_back(std::move(member));
  }
  group_topics_.assign(wanted.begin(), wanted.end());
  has_racks_ = std::ranges::any_of(members, [](const auto& each) { return !each.rack.empty(); });
  co_await know(group_topics_);
  planned_for_ = partitions_of(group_topics_);
  if (!answer.skip_assignment) {
    joined.plan = how->assign(members, planned_for_);
  }
  co_return joined;
}

// A while, until the cluster has spoken of them.
runtime::task<> group_member::know(const std::vector<std::string>& topics) {
  for (const std::string& each : topics) {
    cluster_.use(each);
  }
  const auto deadline = runtime::shard::current().now() + settings_.group.session_timeout / 2;
  const auto is_unknown = [this](const std::string& each) {
    return !cluster_.find(each)->is_answered;
  };
  while (std::ranges::any_of(topics, is_unknown) && !tasks_.is_stopping()) {
    if (!co_await cluster_.changed().wait_until(deadline)) {
      break;
    }
  }
}

runtime::task<result<std::vector<topic_partition>>> group_member::sync(const joined_group& joined) {
  protocol::sync_group_request question{.group_id = joined.as.group,
                                        .generation_id = joined.as.generation,
                                        .member_id = joined.as.member_id,
                                        .group_instance_id = instance_of(joined.as),
                                        .protocol_type = consumer_protocol,
                                        .protocol_name = joined.strategy};
  std::vector<std::vector<std::byte>> said;
  for (const auto& [member, partitions] : joined.plan) {
    said.push_back(assignment_bytes(partitions));
    question.assignments.push_back({member, said.back()});
  }
  const auto deadline = runtime::shard::current().now() + settings_.group.most_poll_interval +
                        patience_with_coordinator;
  const auto answer = co_await session_.call<protocol::sync_group_response>(question, deadline);
  if (!answer) {
    co_return fail(answer.error());
  }
  if (answer->message.error_code != error_code::none) {
    co_return fail(refused(joined.as.group, "joining", answer->message.error_code));
  }
  co_return read_assignment(answer->message.assignment);
}

runtime::task<> group_member::beat() {
  runtime::shard& here = runtime::shard::current();
  while (!tasks_.is_stopping()) {
    if (!session_.is_member() || is_joining_) {
      co_await changed_.wait_until(runtime::no_deadline);
      continue;
    }
    const auto next = std::min(last_beat_ + settings_.group.heartbeat_interval,
                               queue_.last_poll() + settings_.group.most_poll_interval);
    if (is_stuck()) {
      const group_session::identity who = session_.me();
      lose(true);
      co_await send_leave(who, here.now() + cluster_.settings().request_timeout,
                          "it was not polled for max.poll.interval.ms");
    } else if (here.now() <= next) {
      co_await changed_.wait_until(next + runtime::duration(1));
    } else {
      co_await heartbeat();
    }
  }
}

runtime::task<> group_member::heartbeat() {
  const group_session::identity as = session_.me();
  const std::uint64_t before = membership_;
  const auto sent = runtime::shard::current().now();
  last_beat_ = sent;
  const protocol::heartbeat_request question{.group_id = as.group,
                                             .generation_id = as.generation,
                                             .member_id = as.member_id,
                                             .group_instance_id = instance_of(as)};
  const auto patience =
      std::min(cluster_.settings().request_timeout, settings_.group.most_silence / 2);
  const auto answer =
      co_await session_.call<protocol::heartbeat_response>(question, sent + patience);
  if (before == membership_ && as.generation == session_.me().generation && !is_joining_) {
    heard(answer ? answer->message.error_code : answer.error().code, sent);
  }
}

void group_member::set_heard_at(runtime::steady_time when) {
  heard_at_ = when;
  queue_.set_owned_until(when + settings_.group.most_silence);
}

void group_member::heard(error_code code, runtime::steady_time sent) {
  const auto now = runtime::shard::current().now();
  session_.learn_from(code);
  switch (code) {
    case error_code::none:
      return set_heard_at(sent);
    case error_code::rebalance_in_progress:
      set_heard_at(sent);
      return ask_to_join();
    case error_code::unknown_member_id:
      return lose(true);
    case error_code::illegal_generation:
      return lose(false);
    case error_code::fenced_instance_id:
      return end(refused(session_.me().group, "staying in", code));
    default:
      break;
  }
  // By now the coordinator may have given its partitions to others.
  if (now - heard_at_ >= settings_.group.most_silence) {
    return lose(false);
  }
  last_beat_ = now - settings_.group.heartbeat_interval + cluster_.settings().first_retry_backoff;
}

runtime::task<> group_member::send_leave(group_session::identity who, runtime::steady_time deadline,
                                         std::string reason) {
  if (who.member_id.empty() || !who.instance_id.empty()) {
    co_return;
  }
  const protocol::leave_group_request question{
      .group_id = who.group, .members = {{.member_id = who.member_id, .reason = reason}}};
  co_await session_.call<protocol::leave_group_response>(question, deadline);
}

}  // namespace barnabas::client
