#include "group/tests/scripted_group.h"

#include "base/log.h"

namespace barnabas::group {

settings scripted_group::without_delay() {
  settings limits;
  limits.initial_rebalance_delay_ms = 0;
  return limits;
}

scripted_group::scripted_group(settings limits) : limits_(limits) {
  set_log_to_stderr(false);
  restart();
}

template <class F>
void scripted_group::call(F what) {
  coordinator::effects out;
  what(out);
  take(std::move(out));
}

template <class T, class F>
T scripted_group::ask(F what) {
  promised<T> answer;
  call([&](coordinator::effects& out) { what(out, answer.reply()); });
  EXPECT_TRUE(answer.is_there());
  return *answer;
}

void scripted_group::take(coordinator::effects out) {
  largest_call = std::max(largest_call, out.records().size());
  for (coordinator::new_record& record : out.records()) {
    EXPECT_TRUE(replay(record));
    log_.push_back({std::move(record), -1, {}});
  }
  for (auto& release : out.parked()) {
    release({});
  }
}

promised<join_answer> scripted_group::join(const joiner& as) {
  protocol::join_group_request request;
  request.group_id = as.group;
  request.member_id = as.member_id;
  request.group_instance_id = as.instance_id;
  request.protocol_type = as.protocol_type;
  request.session_timeout_ms = as.session_timeout_ms;
  request.rebalance_timeout_ms = as.rebalance_timeout_ms;
  for (const auto& [name, metadata] : as.protocols) {
    request.protocols.push_back({name, as_bytes(metadata)});
  }
  promised<join_answer> answer;
  call([&](coordinator::effects& out) {
    machine_->join(request,
                   {as.version, as.client_id, "/127.0.0.1", uuid::from_random(7, ++random_)}, now,
                   out, answer.reply());
  });
  return answer;
}

std::string scripted_group::new_id(joiner as) {
  as.member_id.clear();
  const auto answer = join(as);
  EXPECT_TRUE(answer.is_there());
  EXPECT_EQ(answer->error, error_code::member_id_required);
  return answer->member_id;
}

promised<join_answer> scripted_group::join_new(joiner as) {
  as.member_id = new_id(as);
  return join(as);
}

promised<sync_answer> scripted_group::sync(const join_answer& of,
                                           const std::map<std::string, std::string>& parts,
                                           std::optional<std::string> instance_id) {
  protocol::sync_group_request request;
  request.group_id = "readers";
  request.generation_id = of.generation;
  request.member_id = of.member_id;
  request.group_instance_id = instance_id;
  request.protocol_type = of.protocol_type;
  request.protocol_name = of.protocol_name;
  for (const auto& [id, part] : parts) {
    request.assignments.push_back({id, as_bytes(part)});
  }
  promised<sync_answer> answer;
  call([&](coordinator::effects& out) { machine_->sync(request, now, out, answer.reply()); });
  return answer;
}

error_code scripted_group::heartbeat(const std::string& member_id, std::int32_t generation,
                                     std::optional<std::string> instance_id) {
  protocol::heartbeat_request request;
  request.group_id = "readers";
  request.member_id = member_id;
  request.generation_id = generation;
  request.group_instance_id = instance_id;
  return ask<error_code>([&](coordinator::effects& out, coordinator::reply_to<error_code> to) {
    machine_->heartbeat(request, now, out, std::move(to));
  });
}

std::vector<error_code> scripted_group::leave(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& members) {
  protocol::leave_group_request request;
  request.group_id = "readers";
  for (const auto& [id, instance] : members) {
    request.members.push_back({id, instance, std::nullopt});
  }
  return ask<std::vector<error_code>>([&](coordinator::effects& out, auto to) {
    machine_->leave(request, now, out, std::move(to));
  });
}

std::vector<join_answer> scripted_group::stable_group(std::size_t members, joiner as) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < members; ++i) {
    ids.push_back(new_id(as));
  }
  std::vector<promised<join_answer>> answers;
  for (const std::string& id : ids) {
    as.member_id = id;
    answers.push_back(join(as));
  }
  pass_ms(limits_.initial_rebalance_delay_ms);
  std::vector<join_answer> joined;
  std::map<std::string, std::string> parts;
  for (const auto& answer : answers) {
    EXPECT_TRUE(answer.is_there());
    EXPECT_EQ(answer->error, error_code::none);
    joined.push_back(*answer);
    parts[answer->member_id] = answer->member_id;
  }
  for (const join_answer& each : joined) {
    sync(each, each.member_id == each.leader ? parts : std::map<std::string, std::string>());
  }
  return joined;
}

error_code scripted_group::commit(const std::string& topic, std::int32_t partition,
                                  std::int64_t offset, const commit_as& as) {
  protocol::offset_commit_request request;
  request.group_id = as.group;
  request.member_id = as.member_id;
  request.generation_id_or_member_epoch = as.generation;
  request.group_instance_id = as.instance_id;
  request.retention_time_ms = as.retention_time_ms;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  asked.partitions.push_back({partition, offset, 3, -1, as.metadata});
  return ask<std::vector<error_code>>([&](coordinator::effects& out, auto to) {
           machine_->commit_offsets(request, now, out, std::move(to));
         })
      .at(0);
}

fetched_offset scripted_group::fetch(const std::string& topic, std::int32_t partition,
                                     bool require_stable, const std::string& group) {
  protocol::offset_fetch_request_group request;
  request.group_id = group;
  request.topics.emplace().push_back({topic, {}, {partition}});
  const auto found = ask<std::vector<fetched_topic>>([&](coordinator::effects& out, auto to) {
    machine_->fetch_offsets(request, require_stable, now, out, std::move(to));
  });
  EXPECT_EQ(found.at(0).name, topic);
  return found.at(0).partitions.at(0);
}

std::vector<fetched_topic> scripted_group::fetch_all(const std::string& group) {
  protocol::offset_fetch_request_group request;
  request.group_id = group;
  request.topics.reset();
  return ask<std::vector<fetched_topic>>([&](coordinator::effects& out, auto to) {
    machine_->fetch_offsets(request, false, now, out, std::move(to));
  });
}

deleted_offsets scripted_group::delete_offsets(const std::string& topic,
                                               std::vector<std::int32_t> partitions) {
  protocol::offset_delete_request request;
  request.group_id = "readers";
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  for (const std::int32_t partition : partitions) {
    asked.partitions.push_back({partition});
  }
  return ask<deleted_offsets>([&](coordinator::effects& out, auto to) {
    machine_->delete_offsets(request, now, out, std::move(to));
  });
}

described_group scripted_group::describe(const std::string& group) {
  return ask<described_group>([&](coordinator::effects& out, auto to) {
    machine_->describe_group(group, now, out, std::move(to));
  });
}

std::vector<listed_group> scripted_group::list() {
  return ask<std::vector<listed_group>>(
      [&](coordinator::effects& out, auto to) { machine_->list_groups(now, out, std::move(to)); });
}

deleted_group scripted_group::delete_group(const std::string& group) {
  return ask<deleted_group>([&](coordinator::effects& out, auto to) {
    machine_->delete_group(group, now, out, std::move(to));
  });
}

void scripted_group::topics_deleted(const std::vector<std::string>& names) {
  EXPECT_TRUE(ask<bool>([&](coordinator::effects& out, auto to) {
    machine_->topics_deleted(names, now, out, std::move(to));
  }));
}

void scripted_group::pass_ms(std::int64_t duration_ms) {
  const coordinator::moment until{now.steady_ms + duration_ms, now.wall_ms + duration_ms};
  for (int steps = 0;; ++steps) {
    const auto next = machine_->next_deadline_ms();
    if (!next || *next > until.steady_ms || steps > 100'000) {
      EXPECT_LE(steps, 100'000) << "a deadline that does not move";
      break;
    }
    const std::int64_t by = std::max<std::int64_t>(*next - now.steady_ms, 0);
    now = {now.steady_ms + by, now.wall_ms + by};
    call([&](coordinator::effects& out) { machine_->on_time(now, out); });
  }
  now = until;
}

void scripted_group::restart(std::optional<settings> limits) {
  limits_ = limits.value_or(limits_);
  machine_ = std::make_unique<machine>(limits_);
  const auto written = std::move(log_);
  log_.clear();
  for (const entry& each : written) {
    if (each.marker) {
      write_marker(each.producer_id, *each.marker);
    } else {
      write(each.record, each.producer_id);
    }
  }
  call([&](coordinator::effects& out) { machine_->loaded(now, out); });
}

result<> scripted_group::replay(const coordinator::new_record& record, std::int64_t producer_id) {
  return machine_->replay(
      {.offset = static_cast<std::int64_t>(log_.size()),
       .timestamp_ms = now.wall_ms,
       .key = as_bytes(record.key),
       .value = record.value ? std::optional(as_bytes(*record.value)) : std::nullopt,
       .producer_id = producer_id});
}

void scripted_group::write(coordinator::new_record record, std::int64_t producer_id) {
  EXPECT_TRUE(replay(record, producer_id));
  log_.push_back({std::move(record), producer_id, {}});
}

void scripted_group::write_marker(std::int64_t producer_id, bool is_commit) {
  EXPECT_TRUE(machine_->replay_marker(producer_id, 0, is_commit));
  log_.push_back({{}, producer_id, is_commit});
}

}  // namespace barnabas::group
