#include "groups/member.h"

#include <algorithm>
#include <charconv>

#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"
#include "protocol/messages/heartbeat_request.h"
#include "protocol/messages/heartbeat_response.h"
#include "protocol/messages/join_group_request.h"
#include "protocol/messages/leave_group_request.h"
#include "protocol/messages/leave_group_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/sync_group_request.h"
#include "protocol/messages/sync_group_response.h"
#include "runtime/wait.h"

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;

constexpr std::int16_t first_join_with_static_members = 5;
constexpr std::int16_t first_leave_of_many = 3;
constexpr double late_commit_chance = 0.1;

bool happens(double chance) {
  return static_cast<double>(runtime::shard::current().random() >> 11) * 0x1p-53 < chance;
}
runtime::task<> pause_up_to(runtime::duration longest) {
  const auto limit = static_cast<std::uint64_t>(longest.count()) + 1;
  co_await runtime::sleep_for(
      runtime::duration(static_cast<std::int64_t>(runtime::shard::current().random() % limit)));
}

// "3,5,": what the leaders of these groups assign.
std::set<std::int32_t> parse_assignment(std::string_view text) {
  std::set<std::int32_t> partitions;
  while (!text.empty()) {
    std::int32_t partition = -1;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), partition);
    if (problem != std::errc()) {
      break;
    }
    partitions.insert(partition);
    text.remove_prefix(std::min(static_cast<std::size_t>(end - text.data()) + 1, text.size()));
  }
  return partitions;
}

}  // namespace

std::string group_name(int group) {
  return fmt::format("group-{}", group);
}

member::member(group_surroundings& around, const member_plan& plan)
    : around_(around),
      plan_(plan),
      group_id_(group_name(plan.group)),
      instance_id_(plan.is_static ? fmt::format("static-{}", plan.number) : "") {}

std::optional<std::string_view> member::instance() const {
  return plan_.is_static ? std::optional<std::string_view>(instance_id_) : std::nullopt;
}
std::string member::identity() const {
  return plan_.is_static ? instance_id_ : member_id_;
}

void member::become_new() {
  member_id_.clear();
  generation_ = -1;
}

runtime::task<> member::run(runtime::world& world) {
  around_.model.gave_up(plan_);
  become_new();
  is_commit_open_ = false;
  while (!around_.should_end) {
    auto to = co_await wire::open(world);
    result<> used;
    if (to) {
      used = co_await use(**to);
    } else {
      used = fail(std::move(to.error()));
    }
    around_.model.gave_up(plan_);
    if (!used) {
      last_problem_ = fmt::format("{} {}", error_name(used.error().code), used.error().message);
    }
    if (std::exchange(is_commit_open_, false)) {
      become_new();  // it may still arrive, and must then come from somebody whom nobody knows
    }
    co_await pause_up_to(50ms);
  }
}

runtime::task<result<>> member::use(wire& to) {
  if (auto ready = co_await prepare(to); !ready) {
    co_return ready;
  }
  while (!around_.should_end) {
    auto done = co_await join(to);
    if (done && *done == next::go_on) {
      done = co_await sync(to);
    }
    if (done && *done == next::go_on) {
      done = co_await hold(to);
    }
    around_.model.gave_up(plan_);
    if (!done) {
      co_return fail(std::move(done.error()));
    }
    co_await pause_up_to(20ms);
  }
  co_return result<>{};
}

// The topic and the coordinator.
runtime::task<result<>> member::prepare(wire& to) {
  protocol::metadata_request topics;
  topics.allow_auto_topic_creation = true;
  topics.topics->emplace_back().name = topic_name;
  auto shown = co_await to.ask<protocol::metadata_response>(topics, 9);
  if (!shown) {
    co_return fail(std::move(shown.error()));
  }
  if (shown->topics.at(0).error_code != error_code::none) {
    co_return fail(shown->topics.at(0).error_code, "the topic is not there");
  }
  protocol::find_coordinator_request asked;
  asked.coordinator_keys = {group_id_};
  auto found = co_await to.ask<protocol::find_coordinator_response>(asked, 4);
  if (!found) {
    co_return fail(std::move(found.error()));
  }
  if (found->coordinators.at(0).error_code != error_code::none) {
    co_return fail(found->coordinators.at(0).error_code, "no coordinator");
  }
  co_return result<>{};
}

member::next member::react(error_code code, std::string_view request) {
  if (code == error_code::none) {
    return next::go_on;
  }
  last_problem_ = fmt::format("{}: {}", request, error_name(code));
  switch (code) {
    case error_code::unknown_member_id:
    case error_code::fenced_instance_id:
      become_new();
      break;
    case error_code::rebalance_in_progress:
    case error_code::illegal_generation:
    case error_code::member_id_required:
    case error_code::coordinator_load_in_progress:
    case error_code::coordinator_not_available:
    case error_code::not_coordinator:
    case error_code::request_timed_out:
    case error_code::unstable_offset_commit:
      break;
    default:
      around_.model.fail("no_strange_error",
                         fmt::format("member {} is told {}", plan_.number, last_problem_));
  }
  return next::join_again;
}

runtime::task<result<member::next>> member::join(wire& to) {
  protocol::join_group_request request;
  request.group_id = group_id_;
  request.session_timeout_ms = plan_.session_timeout_ms;
  request.rebalance_timeout_ms = plan_.rebalance_timeout_ms;
  request.member_id = member_id_;
  if (plan_.versions.join >= first_join_with_static_members) {
    request.group_instance_id = instance();
  }
  request.protocol_type = "consumer";
  const std::string metadata = fmt::format("member {}", plan_.number);
  request.protocols = {{"simple", as_bytes(metadata)}};
  auto answer = co_await to.ask<protocol::join_group_response>(request, plan_.versions.join);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  if (answer->error_code == error_code::none ||
      answer->error_code == error_code::member_id_required) {
    member_id_ = answer->member_id;
  }
  const next then = react(answer->error_code, "JoinGroup");
  if (then == next::go_on) {
    generation_ = answer->generation_id;
    protocol_ = answer->protocol_name.value_or("");
    all_members_.clear();
    for (const auto& each : answer->members) {
      all_members_.emplace_back(each.member_id);
    }
    std::ranges::sort(all_members_);
    if (answer->skip_assignment) {
      all_members_.clear();
    }
  }
  co_return then;
}

std::string member::assignment_of(std::size_t member_index) const {
  std::string text;
  const std::size_t shift = static_cast<std::size_t>(generation_);
  for (int partition = 0; partition < around_.plan.partitions; ++partition) {
    if ((static_cast<std::size_t>(partition) + shift) % all_members_.size() == member_index) {
      text += fmt::format("{},", partition);
    }
  }
  return text;
}

runtime::task<result<member::next>> member::sync(wire& to) {
  protocol::sync_group_request request;
  request.group_id = group_id_;
  request.generation_id = generation_;
  request.member_id = member_id_;
  if (plan_.versions.join >= first_join_with_static_members) {
    request.group_instance_id = instance();
  }
  if (plan_.versions.sync >= 5) {
    request.protocol_type = "consumer";
    request.protocol_name = protocol_;
  }
  std::vector<std::string> texts;
  texts.reserve(all_members_.size());
  for (std::size_t i = 0; i < all_members_.size(); ++i) {
    texts.push_back(assignment_of(i));
    request.assignments.push_back({all_members_[i], as_bytes(texts.back())});
  }
  auto answer = co_await to.ask<protocol::sync_group_response>(request, plan_.versions.sync);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  const next then = react(answer->error_code, "SyncGroup");
  if (then == next::go_on) {
    const auto partitions = parse_assignment(as_text(answer->assignment));
    around_.model.owns(plan_, identity(), generation_, partitions);
    positions_.clear();
    for (const std::int32_t partition : partitions) {
      positions_[partition] = -1;
    }
  }
  co_return then;
}

// Until a rebalance, or the end.
runtime::task<result<member::next>> member::hold(wire& to) {
  auto done = co_await fetch(to);
  if (done && *done == next::go_on && happens(late_commit_chance)) {
    done = co_await commit_late(to);
  }
  while (done && *done == next::go_on && !around_.should_end) {
    co_await pause_up_to(plan_.pause);
    done = co_await hold_once(to);
  }
  co_return done;
}

runtime::task<result<member::next>> member::hold_once(wire& to) {
  if (!around_.is_calm && happens(plan_.leave_chance)) {
    co_return co_await leave(to);
  }
  if (!positions_.empty() && happens(plan_.commit_chance)) {
    auto committed = co_await commit(to);
    if (!committed || *committed != next::go_on) {
      co_return committed;
    }
  }
  co_return co_await heartbeat(to);
}

runtime::task<result<member::next>> member::heartbeat(wire& to) {
  protocol::heartbeat_request request;
  request.group_id = group_id_;
  request.generation_id = generation_;
  request.member_id = member_id_;
  if (plan_.versions.heartbeat >= 3) {
    request.group_instance_id = instance();
  }
  auto answer = co_await to.ask<protocol::heartbeat_response>(request, plan_.versions.heartbeat);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  co_return react(answer->error_code, "Heartbeat");
}

runtime::task<result<member::next>> member::leave(wire& to) {
  protocol::leave_group_request request;
  request.group_id = group_id_;
  if (plan_.versions.leave >= first_leave_of_many) {
    auto& who = request.members.emplace_back();
    who.member_id = member_id_;
    who.group_instance_id = instance();
  } else {
    request.member_id = member_id_;
  }
  around_.model.gave_up(plan_);
  auto answer = co_await to.ask<protocol::leave_group_response>(request, plan_.versions.leave);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  const error_code code =
      answer->members.empty() ? answer->error_code : answer->members.front().error_code;
  std::ignore = react(code, "LeaveGroup");
  become_new();
  co_await pause_up_to(300ms);
  co_return next::join_again;
}

}  // namespace barnabas::trial
