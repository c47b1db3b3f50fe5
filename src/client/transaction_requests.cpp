// The requests of transaction_rounds, one attempt each.
#include <fmt/format.h>

#include "client/transaction_rounds.h"
#include "protocol/messages/add_offsets_to_txn_request.h"
#include "protocol/messages/add_offsets_to_txn_response.h"
#include "protocol/messages/add_partitions_to_txn_request.h"
#include "protocol/messages/add_partitions_to_txn_response.h"
#include "protocol/messages/end_txn_request.h"
#include "protocol/messages/end_txn_response.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/txn_offset_commit_request.h"
#include "protocol/messages/txn_offset_commit_response.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

constexpr std::int16_t version_2 = 2;  // of the feature transaction.version
// Later versions are for transactions that something outside coordinates (KIP-939).
constexpr std::int16_t newest_init = 5;
// Later versions are for brokers.
constexpr std::int16_t newest_add_partitions = 3;
constexpr std::int16_t newest_add_offsets = 4;
// The next versions are those of version 2 (KIP-890).
constexpr std::int16_t newest_commit_offsets_1 = 4;
constexpr std::int16_t newest_end_1 = 4;

std::int32_t in_ms(runtime::duration time) {
  return static_cast<std::int32_t>(time / std::chrono::milliseconds(1));
}

}  // namespace

template <class Response, class Request>
runtime::task<result<rpc::answer<Response>>> transaction_rounds::ask(Request question,
                                                                     runtime::steady_time deadline,
                                                                     std::int16_t highest) {
  const auto connection = co_await coordinator_.connected(deadline);
  if (!connection) {
    co_return fail(connection.error());
  }
  cluster_has_version_2_ = (*connection)->versions().level_of("transaction.version") >= version_2;
  const auto patience = runtime::shard::current().now() + settings_.request_timeout;
  co_return co_await (*connection)
      ->template call<Response>(question, std::min(deadline, patience), highest);
}

error transaction_rounds::refused(std::string_view what, error_code code) const {
  return {code, fmt::format("{} of {}: {}", what, settings_.transactional_id, error_name(code))};
}

runtime::task<result<>> transaction_rounds::init_once(runtime::steady_time deadline) {
  protocol::init_producer_id_request question;
  question.transactional_id = settings_.transactional_id;
  question.transaction_timeout_ms = in_ms(settings_.transaction_timeout);
  question.producer_id = it_.producer().id;  // after a first time: for the next epoch (KIP-360)
  question.producer_epoch = it_.producer().epoch;
  const auto answer =
      co_await ask<protocol::init_producer_id_response>(question, deadline, newest_init);
  if (!answer) {
    co_return fail(answer.error());
  }
  if (answer->message.error_code != error_code::none) {
    co_return fail(refused("the producer id", answer->message.error_code));
  }
  next_ = {answer->message.producer_id, answer->message.producer_epoch};
  co_return result<>{};
}

runtime::task<result<>> transaction_rounds::add_partitions_once(runtime::steady_time deadline) {
  const auto wanted = it_.wanted();
  protocol::add_partitions_to_txn_request question;
  question.v3_and_below_transactional_id = settings_.transactional_id;
  question.v3_and_below_producer_id = it_.producer().id;
  question.v3_and_below_producer_epoch = it_.producer().epoch;
  for (const auto& [topic, partition] : wanted) {
    auto& topics = question.v3_and_below_topics;
    if (topics.empty() || topics.back().name != topic) {
      topics.push_back({.name = topic});
    }
    topics.back().partitions.push_back(partition);
  }
  it_.asked();
  const auto answer = co_await ask<protocol::add_partitions_to_txn_response>(
      std::move(question), deadline, newest_add_partitions);
  if (!answer) {
    co_return fail(answer.error());
  }
  // Where one is refused the others are not attempted.
  auto code = error_code::none;
  std::string name;
  for (const auto& topic : answer->message.results_by_topic_v3_and_below) {
    for (const auto& each : topic.results_by_partition) {
      if (each.partition_error_code != error_code::none &&
          (code == error_code::none || code == error_code::operation_not_attempted)) {
        code = each.partition_error_code;
        name = fmt::format("{}-{}", topic.name, each.partition_index);
      }
    }
  }
  if (code != error_code::none) {
    co_return fail(refused(name + " in the transaction", code));
  }
  it_.admit(wanted);
  co_return result<>{};
}

runtime::task<> transaction_rounds::add_partitions() {
  is_adding_ = true;
  rpc::backoff wait = new_backoff();
  while (it_.wants_partitions() && !is_stopping()) {
    const auto deadline = runtime::shard::current().now() + settings_.request_timeout;
    const auto done = co_await add_partitions_once(deadline);
    if (done) {
      wait.succeeded();
      from_.bell().rung().notify_all();
      continue;
    }
    const auto verdict = verdict_on(transaction_step::add_partitions, done.error().code);
    coordinator_.learn_from(done.error().code);
    if (verdict == transaction_verdict::ask_again) {
      co_await pause(wait, runtime::no_deadline);
    } else if (verdict == transaction_verdict::lost || it_.wants_partitions()) {
      it_.failed(transaction_step::add_partitions, done.error());
    }
  }
  is_adding_ = false;
  tell();
}

runtime::task<result<>> transaction_rounds::add_offsets_once(const group_session::identity& as,
                                                             runtime::steady_time deadline) {
  const protocol::add_offsets_to_txn_request question{
      .transactional_id = settings_.transactional_id,
      .producer_id = it_.producer().id,
      .producer_epoch = it_.producer().epoch,
      .group_id = as.group};
  it_.asked();
  const auto answer =
      co_await ask<protocol::add_offsets_to_txn_response>(question, deadline, newest_add_offsets);
  if (!answer) {
    co_return fail(answer.error());
  }
  if (answer->message.error_code != error_code::none) {
    co_return fail(
        refused("group " + as.group + " in the transaction", answer->message.error_code));
  }
  co_return result<>{};
}

runtime::task<result<>> transaction_rounds::commit_offsets_once(const committed_places& places,
                                                                const group_session::identity& as,
                                                                runtime::steady_time deadline) {
  protocol::txn_offset_commit_request question{.transactional_id = settings_.transactional_id,
                                               .group_id = as.group,
                                               .producer_id = it_.producer().id,
                                               .producer_epoch = it_.producer().epoch,
                                               .generation_id = as.generation};
  fill_commit(question, as, places);
  const auto answer = co_await group_coordinator_->call<protocol::txn_offset_commit_response>(
      std::move(question), deadline,
      it_.has_version_2() ? protocol::txn_offset_commit_request::highest_version
                          : newest_commit_offsets_1);
  if (!answer) {
    co_return fail(answer.error());
  }
  for (const auto& topic : answer->message.topics) {
    for (const auto& each : topic.partitions) {
      if (each.error_code != error_code::none) {
        co_return fail(refused(fmt::format("the offset of group {} in {}-{} in the transaction",
                                           as.group, topic.name, each.partition_index),
                               each.error_code));
      }
    }
  }
  co_return result<>{};
}

runtime::task<result<>> transaction_rounds::end_once(bool commits, runtime::steady_time deadline) {
  const protocol::end_txn_request question{.transactional_id = settings_.transactional_id,
                                           .producer_id = it_.producer().id,
                                           .producer_epoch = it_.producer().epoch,
                                           .committed = commits};
  const auto answer = co_await ask<protocol::end_txn_response>(
      question, deadline,
      it_.has_version_2() ? protocol::end_txn_request::highest_version : newest_end_1);
  if (!answer) {
    co_return fail(answer.error());
  }
  const error_code code = answer->message.error_code;
  // The request that would have begun it did not arrive.
  const bool was_nothing = code == error_code::invalid_txn_state && !commits && !it_.is_known();
  if (code != error_code::none && !was_nothing) {
    co_return fail(refused(commits ? "the commit" : "the abort", code));
  }
  if (answer->message.producer_id >= 0) {
    next_ = {answer->message.producer_id, answer->message.producer_epoch};
  }
  co_return result<>{};
}

}  // namespace barnabas::client
