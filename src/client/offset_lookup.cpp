#include "client/offset_lookup.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

using times_by_partition = std::map<topic_partition, std::int64_t>;

constexpr std::int16_t newest_list_offsets = 7;

error about(const topic_partition& partition, error_code code) {
  return {code, fmt::format("{}: {}", partition.to_string(), error_name(code))};
}

std::int32_t leader_of(cluster& cluster, const topic_partition& partition) {
  const known_topic& topic = cluster.use(partition.topic);
  const auto index = static_cast<std::size_t>(partition.partition);
  return index < topic.partitions.size() ? topic.partitions[index].broker : -1;
}

protocol::list_offsets_request question_for(const times_by_partition& times,
                                            bool reads_uncommitted) {
  protocol::list_offsets_request question;
  question.replica_id = -1;
  question.isolation_level = reads_uncommitted ? 0 : 1;
  for (const auto& [partition, time] : times) {
    if (question.topics.empty() || question.topics.back().name != partition.topic) {
      question.topics.push_back({.name = partition.topic});
    }
    question.topics.back().partitions.push_back(
        {.partition_index = partition.partition, .timestamp = time});
  }
  return question;
}

runtime::task<> ask_leader(cluster& cluster, std::int32_t leader, times_by_partition times,
                           bool reads_uncommitted, runtime::steady_time deadline,
                           offsets_by_partition& into) {
  const auto question = question_for(times, reads_uncommitted);
  error failure{error_code::unknown_server_error, "the broker's answer leaves the partition out"};
  if (auto connection = co_await cluster.connection_to(leader, deadline); !connection) {
    failure = connection.error();
  } else if (auto answer = co_await (*connection)
                               ->call<protocol::list_offsets_response>(question, deadline,
                                                                       newest_list_offsets);
             !answer) {
    failure = answer.error();
  } else {
    for (const auto& topic : answer->message.topics) {
      for (const auto& each : topic.partitions) {
        const topic_partition name{std::string(topic.name), each.partition_index};
        into[name] = each.error_code == error_code::none ? result<std::int64_t>(each.offset)
                                                         : fail(about(name, each.error_code));
        times.erase(name);
      }
    }
  }
  for (const auto& [partition, time] : times) {
    into[partition] = fail(failure);
  }
}

}  // namespace

runtime::task<result<>> wait_for_topic(cluster& cluster, std::string topic,
                                       runtime::steady_time deadline) {
  const known_topic& known = cluster.use(topic);
  while (known.partitions.empty() && !cluster.tasks().is_stopping()) {
    if (known.is_answered && known.code != error_code::none && !is_retriable(known.code)) {
      break;
    }
    if (!co_await cluster.changed().wait_until(deadline)) {
      break;
    }
  }
  if (!known.partitions.empty()) {
    co_return result<>{};
  }
  const auto code = known.code == error_code::none ? error_code::request_timed_out : known.code;
  co_return fail(code, known.is_answered ? fmt::format("{}: {}", topic, error_name(code))
                                         : fmt::format("{}: no broker has spoken of it: {}", topic,
                                                       cluster.trouble()));
}

runtime::task<offsets_by_partition> look_up_offsets(cluster& cluster, times_by_partition times,
                                                    bool reads_uncommitted,
                                                    runtime::steady_time deadline) {
  runtime::shard& here = runtime::shard::current();
  rpc::backoff pause(cluster.settings().first_retry_backoff, cluster.settings().most_retry_backoff);
  offsets_by_partition found;
  for (;;) {
    std::map<std::int32_t, times_by_partition> by_leader;
    for (const auto& [partition, time] : times) {
      const std::int32_t leader = leader_of(cluster, partition);
      found[partition] = fail(about(partition, error_code::leader_not_available));
      if (leader >= 0) {
        by_leader[leader].emplace(partition, time);
      }
    }
    for (auto& [leader, some] : by_leader) {
      co_await ask_leader(cluster, leader, std::move(some), reads_uncommitted, deadline, found);
    }
    std::erase_if(times, [&](const auto& each) {
      const auto& outcome = found.at(each.first);
      return outcome.has_value() || !is_retriable(outcome.error().code);
    });
    const auto until = here.now() + pause.next(here.random());
    if (times.empty() || until >= deadline || cluster.tasks().is_stopping()) {
      co_return found;
    }
    cluster.refresh_soon();
    co_await cluster.changed().wait_until(until);
  }
}

}  // namespace barnabas::client
