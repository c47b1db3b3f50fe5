#include <fmt/format.h>

#include <algorithm>

#include "clients.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "record/batch_builder.h"

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;

constexpr std::int16_t first_version_with_zstd = 7;
constexpr std::int32_t timeout_ms = 1500;

std::uint64_t chance(std::uint64_t limit) {
  return runtime::shard::current().random() % limit;
}
runtime::task<> pause_up_to(runtime::duration longest) {
  const auto limit = static_cast<std::uint64_t>(longest.count()) + 1;
  co_await runtime::sleep_for(runtime::duration(static_cast<std::int64_t>(chance(limit))));
}

// What a client answers by sending again.
bool is_passing(error_code code) {
  switch (code) {
    case error_code::kafka_storage_error:
    case error_code::not_leader_or_follower:
    case error_code::request_timed_out:
    case error_code::unknown_topic_or_partition:
    case error_code::unknown_topic_id:
    case error_code::out_of_order_sequence_number:  // behind one that failed
      return true;
    default:
      return false;
  }
}

}  // namespace

producer::producer(surroundings& around, const producer_plan& plan)
    : around_(around),
      plan_(plan),
      batches_left_(plan.batches),
      next_of_partition_(static_cast<std::size_t>(around.plan.partitions)),
      queues_(static_cast<std::size_t>(around.plan.partitions)) {}

std::string producer::state_text() const {
  std::size_t waiting = 0;
  for (const auto& queue : queues_) {
    waiting += queue.size();
  }
  return fmt::format("producer {}: {} batches to come, {} not acknowledged, last problem: {}",
                     plan_.number, batches_left_, waiting, last_problem_);
}

runtime::task<> producer::run(runtime::world& world) {
  while (has_more()) {
    auto to = co_await wire::open(world);
    result<> used;
    if (to) {
      used = co_await use(world, **to);
    } else {
      used = fail(std::move(to.error()));
    }
    if (!used) {
      last_problem_ = fmt::format("{} {}", error_name(used.error().code), used.error().message);
    }
    forget_sent();
    co_await pause_up_to(30ms);
  }
  is_finished_ = true;
}

bool producer::has_more() const {
  return batches_left_ > 0 || !in_flight_.empty() ||
         std::ranges::any_of(queues_, [](const auto& queue) { return !queue.empty(); });
}

// After an error or with a new connection: everything that is not acknowledged is sent again, in
// order.
void producer::forget_sent() {
  in_flight_.clear();
  must_repeat_ = false;
  for (auto& queue : queues_) {
    if (!plan_.is_idempotent) {
      queue.clear();
    }
    for (batch& each : queue) {
      each.is_sent = false;
    }
  }
}

runtime::task<result<>> producer::prepare(wire& to) {
  auto topic = co_await find_topic(around_, to);
  if (!topic) {
    co_return fail(std::move(topic.error()));
  }
  topic_id_ = *topic;
  if (!plan_.is_idempotent || producer_id_ >= 0) {
    co_return result<>{};
  }
  protocol::init_producer_id_request request;
  request.transactional_id = std::nullopt;
  request.transaction_timeout_ms = 60'000;
  auto response = co_await to.ask<protocol::init_producer_id_response>(request, 4);
  if (!response) {
    co_return fail(std::move(response.error()));
  }
  if (response->error_code != error_code::none) {
    co_return fail(response->error_code, "no producer id");
  }
  producer_id_ = response->producer_id;
  epoch_ = response->producer_epoch;
  co_return result<>{};
}

runtime::task<result<>> producer::use(runtime::world&, wire& to) {
  if (auto ready = co_await prepare(to); !ready) {
    co_return ready;
  }
  while (has_more()) {
    bool has_sent = true;
    while (has_sent && !must_repeat_ &&
           in_flight_.size() < static_cast<std::size_t>(plan_.requests_in_flight)) {
      if (auto sent = co_await send_one(to, has_sent); !sent) {
        co_return sent;
      }
      if (has_sent && plan_.pause > 0ns) {
        co_await pause_up_to(plan_.pause);
      }
    }
    if (!in_flight_.empty()) {
      if (auto received = co_await receive_one(to); !received) {
        co_return received;
      }
    }
    if (must_repeat_ && in_flight_.empty()) {
      co_await pause_up_to(100ms);
      forget_sent();
    }
  }
  co_return result<>{};
}

producer::batch* producer::next_batch(const request& taken) {
  const auto is_taken = [&taken](std::int32_t partition) {
    return std::ranges::find(taken, partition, &batch::partition) != taken.end();
  };
  for (auto& queue : queues_) {
    for (batch& each : queue) {
      if (!each.is_sent && !is_taken(each.partition)) {
        return &each;
      }
    }
  }
  return new_batch(taken);
}

producer::batch* producer::new_batch(const request& taken) {
  if (batches_left_ == 0) {
    return nullptr;
  }
  const auto partition = static_cast<std::int32_t>(chance(queues_.size()));
  if (std::ranges::find(taken, partition, &batch::partition) != taken.end()) {
    return nullptr;
  }
  --batches_left_;
  const auto at = static_cast<std::size_t>(partition);
  const auto count =
      static_cast<std::int32_t>(1 + chance(static_cast<std::uint64_t>(plan_.records_per_batch)));
  queues_[at].push_back({partition, next_of_partition_[at], count, false, 0});
  next_of_partition_[at] += count;
  return &queues_[at].back();
}

std::vector<std::byte> producer::bytes_of(const batch& batch) const {
  record::batch_settings settings;
  if (plan_.is_idempotent) {
    settings.producer_id = producer_id_;
    settings.producer_epoch = epoch_;
    settings.base_sequence = static_cast<std::int32_t>(batch.first);
  }
  const int compressions = plan_.produce_version < first_version_with_zstd ? 4 : 5;
  settings.compression.type =
      static_cast<record::compression_type>((batch.first / 3) % compressions);
  settings.compression.level = record::levels_of(settings.compression.type).standard;
  record::batch_builder builder(settings);
  const std::int64_t now_ms = runtime::shard::current().wall_clock_ms();
  for (std::int64_t n = batch.first; n < batch.first + batch.count; ++n) {
    const int padding = static_cast<int>((n * 37) % (plan_.value_bytes + 1));
    const std::string value = value_of(batch.partition, {plan_.number, n}, padding);
    record::new_record record;
    record.timestamp = now_ms;
    record.value = as_bytes(value);
    builder.append(record);
  }
  return builder.build();
}

runtime::task<result<>> producer::send_one(wire& to, bool& has_sent) {
  request sent;
  std::vector<std::vector<std::byte>> bytes;
  protocol::produce_request message;
  message.acks = plan_.is_idempotent ? -1 : 1;
  message.timeout_ms = timeout_ms;
  auto& topic = message.topic_data.emplace_back();
  topic.name = topic_name;
  topic.topic_id = topic_id_;
  const std::size_t partitions = 1 + chance(2);
  while (sent.size() < partitions) {
    batch* const next = next_batch(sent);
    if (next == nullptr) {
      break;
    }
    next->is_sent = true;
    next->power_losses = around_.model.power_losses();
    sent.push_back(*next);
    bytes.push_back(bytes_of(*next));
    topic.partition_data.push_back({next->partition, protocol::records(bytes.back())});
  }
  has_sent = !sent.empty();
  if (!has_sent) {
    co_return result<>{};
  }
  in_flight_.push_back(std::move(sent));
  co_return co_await to.send(message, plan_.produce_version);
}

runtime::task<result<>> producer::receive_one(wire& to) {
  auto response = co_await to.receive<protocol::produce_response>(plan_.produce_version);
  if (!response) {
    co_return fail(std::move(response.error()));
  }
  const request sent = std::move(in_flight_.front());
  in_flight_.pop_front();
  std::vector<protocol::produce_response::partition_produce_response> answers;
  for (auto& topic : response->responses) {
    for (auto& each : topic.partition_responses) {
      answers.push_back(each);
    }
  }
  if (answers.size() != sent.size()) {
    around_.model.fail("answers_match", fmt::format("{} answers to a request of {} partitions",
                                                    answers.size(), sent.size()));
    co_return fail(error_code::unknown_server_error);
  }
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (answers[i].index != sent[i].partition) {
      around_.model.fail("answers_match", "an answer for another partition");
    }
    if (answers[i].error_code != error_code::none) {
      last_problem_ = fmt::format("{} {}", error_name(answers[i].error_code),
                                  answers[i].error_message.value_or(""));
    }
    answered(sent[i], answers[i].error_code, answers[i].base_offset);
  }
  co_return result<>{};
}

void producer::answered(const batch& sent, error_code code, std::int64_t offset) {
  if (code == error_code::none || code == error_code::duplicate_sequence_number) {
    for (std::int32_t i = 0; i < sent.count; ++i) {
      const bool is_known = code == error_code::none && offset >= 0;
      around_.model.acknowledged(sent.partition, is_known ? offset + i : -1,
                                 {plan_.number, sent.first + i}, sent.power_losses);
    }
    remove(sent);
    return;
  }
  if (!is_passing(code)) {
    around_.model.fail("no_strange_error",
                       fmt::format("producer {} is told {}", plan_.number, last_problem_));
  }
  if (plan_.is_idempotent) {
    must_repeat_ = true;
  } else {
    remove(sent);
  }
}

void producer::remove(const batch& sent) {
  auto& queue = queues_[static_cast<std::size_t>(sent.partition)];
  std::erase_if(queue, [&sent](const batch& each) { return each.first == sent.first; });
}

}  // namespace barnabas::trial
