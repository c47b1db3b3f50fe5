// The sender's conversation with brokers: requests, answers, and what follows
// from their errors.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/log.h"
#include "client/sender.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// Later versions name topics by their ids, which not all brokers give them.
constexpr std::int16_t newest_produce_by_name = 12;
// The next has the broker add partitions to the transaction (KIP-890).
constexpr std::int16_t newest_produce_1 = 11;

// Errors which say that another broker, or none, leads the partition.
bool is_about_leaders(error_code code) {
  return code == error_code::not_leader_or_follower || code == error_code::leader_not_available ||
         code == error_code::unknown_topic_or_partition || code == error_code::unknown_topic_id ||
         code == error_code::inconsistent_topic_id || code == error_code::fenced_leader_epoch ||
         code == error_code::kafka_storage_error || code == error_code::network_exception;
}

// As in Java's client INVALID_PRODUCER_EPOCH is none of them: somebody else writes under this id.
bool is_about_sequences(error_code code) {
  return code == error_code::out_of_order_sequence_number ||
         code == error_code::unknown_producer_id;
}

// What stands between the ends.
std::vector<rpc::payload> payloads_of(std::span<const bytes_view> pieces,
                                      std::span<const std::size_t> ends) {
  std::vector<rpc::payload> payloads;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    payloads.push_back(pieces.subspan(begin, end - begin));
    begin = end;
  }
  return payloads;
}

}  // namespace

runtime::task<> sender::send(std::int32_t broker, load what) {
  const auto now = runtime::shard::current().now();
  protocol::produce_request request;
  std::int16_t newest = protocol::produce_request::highest_version;
  if (transactions_ != nullptr) {
    request.transactional_id = settings_.transactional_id;
    newest = transactions_->state().has_version_2() ? newest : newest_produce_1;
  }
  request.acks = settings_.acks;
  request.timeout_ms =
      static_cast<std::int32_t>(settings_.request_timeout / std::chrono::milliseconds(1));
  std::vector<bytes_view> pieces;
  std::vector<std::size_t> ends;  // of each batch's pieces
  std::map<std::string_view, std::size_t> topics;
  auto deadline = now;
  for (const sent_batch& each : what.batches) {
    const topic_queues& topic = *each.to->queue->topic;
    const auto [found, is_new] = topics.emplace(topic.name, request.topic_data.size());
    if (is_new) {
      request.topic_data.push_back({.name = topic.name, .topic_id = each.topic_id});
      newest = each.topic_id.is_zero() ? std::min(newest, newest_produce_by_name) : newest;
    }
    request.topic_data[found->second].partition_data.push_back(
        {each.to->queue->index,
         protocol::records::external(each.what->size_bytes(),
                                     static_cast<std::uint32_t>(ends.size()))});
    each.what->add_parts(pieces);
    ends.push_back(pieces.size());
    deadline = std::max(deadline, expiry(*each.what));
  }
  deadline = std::min(deadline, now + settings_.request_timeout);
  const auto payloads = payloads_of(pieces, ends);

  answered failure;
  if (settings_.acks == 0) {
    const auto sent = co_await what.connection->send(request, deadline, newest, payloads);
    failure = sent ? answered{} : answered{sent.error().code, sent.error().message};
    for (sent_batch& each : what.batches) {
      finish(std::move(each), failure);
    }
  } else {
    auto answer = co_await what.connection->call<protocol::produce_response>(request, deadline,
                                                                             newest, payloads);
    if (answer) {
      take_answer(answer->message, what.batches);
      failure = {error_code::unknown_server_error, "the broker's answer leaves the partition out"};
    } else {
      failure = {.code = answer.error().code,
                 .message = answer.error().message,
                 .may_be_written = answer.error().code != error_code::unsupported_version};
    }
    for (sent_batch& each : what.batches) {
      if (each.what != nullptr) {
        finish(std::move(each), failure);
      }
    }
  }
  --in_flight_[broker];
  wake();
}

void sender::take_answer(const protocol::produce_response& answer, std::vector<sent_batch>& sent) {
  for (const auto& topic : answer.responses) {
    for (const auto& partition : topic.partition_responses) {
      const auto found = std::ranges::find_if(sent, [&](const sent_batch& each) {
        return each.what != nullptr && each.to->queue->index == partition.index &&
               (topic.name.empty() ? each.topic_id == topic.topic_id
                                   : each.to->queue->topic->name == topic.name);
      });
      if (found == sent.end()) {
        continue;
      }
      if (partition.current_leader.leader_id >= 0) {
        cluster_.hint_leader(
            found->to->queue->topic->name, partition.index,
            {partition.current_leader.leader_id, partition.current_leader.leader_epoch});
      }
      std::string message(error_name(partition.error_code));
      if (partition.error_message) {
        message += ": " + std::string(*partition.error_message);
      }
      finish(std::move(*found), {partition.error_code, std::move(message), partition.base_offset,
                                 partition.log_append_time_ms});
    }
  }
}

bool sender::may_send_again(const batch& what) const {
  const bool is_dropped = transactions_ != nullptr && transactions_->state().drops_records();
  return !is_dropped && settings_.acks != 0 && !tasks_.is_stopping() &&
         expiry(what) > runtime::shard::current().now();
}

bool sender::may_retry(const lane& from, const batch& what, error_code code) const {
  const bool may_recover = transactions_ == nullptr
                               ? settings_.is_idempotent && is_about_sequences(code)
                               : follows_another(from, what, code);
  const bool is_temporary = is_retriable(code) || may_recover;
  return is_temporary && what.attempts <= settings_.retries && may_send_again(what);
}

bool sender::follows_another(const lane& from, const batch& what, error_code code) {
  return code == error_code::out_of_order_sequence_number &&
         (from.in_flight > 0 ||
          (!from.waiting.empty() && from.waiting.front()->order < what.order));
}

void sender::retry(lane& from, std::unique_ptr<batch> what) {
  rpc::backoff pause(settings_.cluster.first_retry_backoff, settings_.cluster.most_retry_backoff);
  runtime::shard& here = runtime::shard::current();
  runtime::duration wait{};
  for (int i = 0; i < std::min(what->attempts, 10); ++i) {
    wait = pause.next(here.random());
  }
  what->not_before = here.now() + wait;
  requeue(from, std::move(what));
}

void sender::finish(sent_batch done, const answered& how) {
  lane& from = *done.to;
  --from.in_flight;
  batch& what = *done.what;
  const bool was_there = how.code == error_code::duplicate_sequence_number;
  if (how.code == error_code::none || was_there) {
    from.written_as = what.sequence().producer_id;
    from.written_at = runtime::shard::current().now();
    tell(from, what, {.offset = was_there ? -1 : how.offset, .timestamp_ms = how.timestamp_ms});
    return from_.give_back(std::move(done.what));
  }
  if (is_about_leaders(how.code)) {
    cluster_.refresh_soon();
  }
  if (how.code == error_code::message_too_large && what.record_count() > 1 &&
      may_send_again(what)) {
    return split(from, std::move(done.what));
  }
  what.may_be_written = how.may_be_written;
  if (may_retry(from, what, how.code)) {
    // Refused for its number, and not because of another: the broker has forgotten this producer,
    // or what it wrote.
    if (settings_.is_idempotent && is_about_sequences(how.code) &&
        !follows_another(from, what, how.code)) {
      from.must_renumber = true;
    }
    return retry(from, std::move(done.what));
  }
  fail_batch(from, std::move(done.what), how);
}

runtime::task<> sender::get_producer_id() {
  runtime::shard& here = runtime::shard::current();
  rpc::backoff pause(settings_.cluster.first_retry_backoff, settings_.cluster.most_retry_backoff);
  while (!tasks_.is_stopping()) {
    const auto deadline = here.now() + settings_.cluster.request_timeout;
    error why;
    if (auto connection = co_await cluster_.any_connection(deadline)) {
      protocol::init_producer_id_request question;
      question.transactional_id = std::nullopt;
      question.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
      auto answer =
          co_await (*connection)->call<protocol::init_producer_id_response>(question, deadline, 4);
      if (answer && answer->message.error_code == error_code::none) {
        producer_id_ = answer->message.producer_id;
        epoch_ = answer->message.producer_epoch;
        break;
      }
      why = answer
                ? error{answer->message.error_code,
                        fmt::format("no producer id: {}", error_name(answer->message.error_code))}
                : answer.error();
    } else {
      why = connection.error();
    }
    if (!is_retriable(why.code) && why.code != error_code::request_timed_out) {
      take_batches();
      fail_all(why);
      break;
    }
    const auto until = here.now() + pause.next(here.random());
    while (!tasks_.is_stopping() && here.now() < until) {
      co_await tasks_.stopped().wait_until(until);
    }
  }
  is_asking_for_id_ = false;
  wake();
}

}  // namespace barnabas::client
