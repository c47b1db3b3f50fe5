#include "client/group_offsets.h"

#include <fmt/format.h>

#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_commit_response.h"
#include "protocol/messages/offset_fetch_request.h"
#include "protocol/messages/offset_fetch_response.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// Later versions name topics by their ids, or ask for many groups at once.
constexpr std::int16_t newest_commit = 9;
constexpr std::int16_t newest_fetch = 7;

error about(std::string_view topic, std::int32_t partition, error_code code) {
  return {code,
          fmt::format("the committed offset of {}-{}: {}", topic, partition, error_name(code))};
}

protocol::offset_commit_request question_for(const group_session::identity& as,
                                             const committed_places& places) {
  protocol::offset_commit_request question;
  question.group_id = as.group;
  question.generation_id_or_member_epoch = as.generation;
  fill_commit(question, as, places);
  return question;
}

}  // namespace

group_offsets::group_offsets(cluster& cluster, group_session& session, bool needs_stable)
    : cluster_(cluster), session_(session), needs_stable_(needs_stable) {}

runtime::task<bool> group_offsets::may_try_again(error_code code, rpc::backoff& pause,
                                                 runtime::steady_time deadline) {
  runtime::shard& here = runtime::shard::current();
  const auto until = here.now() + pause.next(here.random());
  session_.learn_from(code);
  if (!is_retriable(code) || until >= deadline) {
    co_return false;
  }
  while (here.now() < until && !cluster_.tasks().is_stopping()) {
    co_await cluster_.tasks().stopped().wait_until(until);
  }
  co_return !cluster_.tasks().is_stopping();
}

runtime::task<result<>> group_offsets::commit_once(const group_session::identity& as,
                                                   const committed_places& places,
                                                   runtime::steady_time deadline) {
  const auto answer = co_await session_.call<protocol::offset_commit_response>(
      question_for(as, places), deadline, newest_commit);
  if (!answer) {
    co_return fail(answer.error());
  }
  for (const auto& topic : answer->message.topics) {
    for (const auto& each : topic.partitions) {
      if (each.error_code != error_code::none) {
        co_return fail(about(topic.name, each.partition_index, each.error_code));
      }
    }
  }
  co_return result<>{};
}

runtime::task<result<>> group_offsets::commit(committed_places places,
                                              runtime::steady_time deadline) {
  if (places.empty()) {
    co_return result<>{};
  }
  const group_session::identity as = session_.me();
  const std::uint64_t mine = next_turn_++;
  while (turn_ != mine) {
    co_await turned_.wait_until(runtime::no_deadline);  // each before it has a deadline
  }
  runtime::shard& here = runtime::shard::current();
  rpc::backoff pause(cluster_.settings().first_retry_backoff,
                     cluster_.settings().most_retry_backoff);
  result<> done;
  do {
    done = co_await commit_once(as, places, std::max(deadline, here.now()));
  } while (!done && co_await may_try_again(done.error().code, pause, deadline));
  ++turn_;
  turned_.notify_all();
  co_return done;
}

runtime::task<result<committed_places>> group_offsets::fetch_once(
    const std::vector<topic_partition>& partitions, runtime::steady_time deadline) {
  protocol::offset_fetch_request question;
  question.group_id = session_.me().group;
  question.require_stable = needs_stable_;
  for (const topic_partition& each : partitions) {
    if (question.topics->empty() || question.topics->back().name != each.topic) {
      question.topics->push_back({.name = each.topic});
    }
    question.topics->back().partition_indexes.push_back(each.partition);
  }
  const auto answer = co_await session_.call<protocol::offset_fetch_response>(
      std::move(question), deadline, newest_fetch);
  if (!answer) {
    co_return fail(answer.error());
  }
  if (answer->message.error_code != error_code::none) {
    co_return fail(answer->message.error_code,
                   fmt::format("the offsets of group {}: {}", session_.me().group,
                               error_name(answer->message.error_code)));
  }
  committed_places found;
  for (const auto& topic : answer->message.topics) {
    for (const auto& each : topic.partitions) {
      if (each.error_code != error_code::none) {
        co_return fail(about(topic.name, each.partition_index, each.error_code));
      }
      if (each.committed_offset >= 0) {
        found[{std::string(topic.name), each.partition_index}] = {
            each.committed_offset, each.committed_leader_epoch,
            std::string(each.metadata.value_or(""))};
      }
    }
  }
  co_return found;
}

runtime::task<result<committed_places>> group_offsets::fetch(
    std::vector<topic_partition> partitions, runtime::steady_time deadline) {
  rpc::backoff pause(cluster_.settings().first_retry_backoff,
                     cluster_.settings().most_retry_backoff);
  for (;;) {
    auto found = co_await fetch_once(partitions, deadline);
    if (found || !co_await may_try_again(found.error().code, pause, deadline)) {
      co_return found;
    }
  }
}

}  // namespace barnabas::client
