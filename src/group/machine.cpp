#include "group/machine.h"

#include <algorithm>

#include "group/administration.h"
#include "group/commit.h"
#include "group/membership.h"
#include "group/rebalance.h"
#include "group/restore.h"
#include "group/sync.h"

namespace barnabas::group {

void machine::join(const protocol::join_group_request& request, const join_caller& caller,
                   moment now, effects& out, reply_to<join_answer> to) {
  turn turn = at(now, out);
  barnabas::group::join(turn, request, caller, std::move(to));
}

void machine::sync(const protocol::sync_group_request& request, moment now, effects& out,
                   reply_to<sync_answer> to) {
  turn turn = at(now, out);
  barnabas::group::sync(turn, request, std::move(to));
}

void machine::heartbeat(const protocol::heartbeat_request& request, moment now, effects& out,
                        reply_to<error_code> to) {
  turn turn = at(now, out);
  barnabas::group::heartbeat(turn, request, std::move(to));
}

void machine::leave(const protocol::leave_group_request& request, moment now, effects& out,
                    reply_to<std::vector<error_code>> to) {
  turn turn = at(now, out);
  barnabas::group::leave(turn, request, std::move(to));
}

void machine::commit_offsets(const protocol::offset_commit_request& request, moment now,
                             effects& out, reply_to<std::vector<error_code>> to) {
  turn turn = at(now, out);
  barnabas::group::commit_offsets(turn, request, std::move(to));
}

void machine::fetch_offsets(const protocol::offset_fetch_request_group& request,
                            bool require_stable, moment now, effects& out,
                            reply_to<std::vector<fetched_topic>> to) {
  turn turn = at(now, out);
  barnabas::group::fetch_offsets(turn, request, require_stable, std::move(to));
}

void machine::delete_offsets(const protocol::offset_delete_request& request, moment now,
                             effects& out, reply_to<deleted_offsets> to) {
  turn turn = at(now, out);
  barnabas::group::delete_offsets(turn, request, std::move(to));
}

void machine::list_groups(moment now, effects& out, reply_to<std::vector<listed_group>> to) {
  turn turn = at(now, out);
  barnabas::group::list_groups(turn, std::move(to));
}

void machine::describe_group(std::string_view id, moment now, effects& out,
                             reply_to<described_group> to) {
  turn turn = at(now, out);
  barnabas::group::describe_group(turn, id, std::move(to));
}

void machine::delete_group(std::string_view id, moment now, effects& out,
                           reply_to<deleted_group> to) {
  turn turn = at(now, out);
  barnabas::group::delete_group(turn, id, std::move(to));
}

void machine::topics_deleted(std::span<const std::string> names, moment now, effects& out,
                             reply_to<bool> to) {
  retention_.topics_deleted(names, now);
  out.answer(std::move(to), true);
}

result<> machine::replay(const coordinator::logged_record& record) {
  auto change = read_record(record);
  if (!change) {
    const auto kind = kind_of(record);
    if (kind && *kind > highest_known_kind && !strange_kinds_.insert(*kind).second) {
      return {};
    }
    return std::unexpected(std::move(change.error()));
  }
  if (const auto* of_group = std::get_if<group_change>(&*change)) {
    apply(*of_group);
  } else {
    apply(std::get<offset_change>(*change), record);
  }
  return {};
}

void machine::apply(const group_change& change) {
  if (change.value) {
    restore(groups_.find_or_create(change.group_id), *change.value);
  } else if (group* gone = groups_.find(change.group_id); gone != nullptr) {
    clear(*gone);
    forget_if_empty(change.group_id);
  }
}

void machine::apply(const offset_change& change, const coordinator::logged_record& record) {
  const auto& [key, value] = change;
  if (!value) {
    if (group* of = groups_.find(key.group); of != nullptr) {
      of->offsets.remove(key.topic, key.partition);
      forget_if_empty(key.group);
    }
    return;
  }
  group_offsets& offsets = groups_.find_or_create(key.group).offsets;
  committed_offset offset = restored(key, *value, record.offset);
  if (record.producer_id < 0) {
    offsets.set(key.topic, std::move(offset));
  } else {
    offsets.set_pending(record.producer_id, key.topic, std::move(offset));
    open_transactions_[record.producer_id].emplace(key.group);
  }
}

result<> machine::replay_marker(std::int64_t producer_id, std::int16_t /*producer_epoch*/,
                                bool is_commit) {
  const auto transaction = open_transactions_.extract(producer_id);
  if (transaction.empty()) {
    return {};
  }
  for (const std::string& id : transaction.mapped()) {
    if (group* of = groups_.find(id); of != nullptr) {
      of->offsets.end_transaction(producer_id, is_commit);
      forget_if_empty(id);
    }
  }
  return {};
}

void machine::forget_if_empty(std::string_view group_id) {
  if (groups_.find(group_id)->is_forgettable()) {
    groups_.erase(group_id);
  }
}

void machine::loaded(moment now, effects& out) {
  turn turn = at(now, out);
  retention_.start(turn);
  const auto max_size = static_cast<std::size_t>(limits_.max_size);
  for (const auto& [id, each] : groups_.all()) {
    each->offsets.shrink();
    for (const auto& [member_id, member] : each->members()) {
      renew_session(turn, *each, *member);
    }
    if (each->members().size() > max_size) {
      prepare_rebalance(turn, *each, "more members than group.max.size");
    }
  }
}

std::optional<std::int64_t> machine::next_deadline_ms() const {
  return std::min(groups_.next_deadline_ms().value_or(never_ms), retention_.next_deadline_ms());
}

void machine::on_time(moment now, effects& out) {
  turn turn = at(now, out);
  for (group* due : groups_.take_due(now.steady_ms)) {
    expire(turn, *due);
    if (due->is_forgettable()) {
      groups_.erase(due->id());
    }
  }
  if (retention_.next_deadline_ms() <= now.steady_ms) {
    retention_.step(turn);
  }
}

}  // namespace barnabas::group
