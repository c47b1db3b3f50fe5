#include "client/accumulator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"

namespace barnabas::client {
namespace {

// Batches that are kept for the next records.
constexpr std::size_t most_spare = 64;

}  // namespace

accumulator::accumulator(runtime::shard& home, const producer_configuration& settings,
                         own_partitioner partitioner)
    : home_(home),
      settings_(settings),
      partitioner_(std::move(partitioner)),
      bell_(home),
      random_state_(home.random()) {}

std::uint64_t accumulator::random() {  // xorshift64*
  random_state_ |= 1;
  random_state_ ^= random_state_ >> 12;
  random_state_ ^= random_state_ << 25;
  random_state_ ^= random_state_ >> 27;
  return random_state_ * 0x2545f4914f6cdd1d;
}

topic_queues& accumulator::topic_of(std::string_view name) {
  if (last_topic_ != nullptr && last_topic_->name == name) {
    return *last_topic_;
  }
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    auto fresh = std::make_unique<topic_queues>();
    fresh->name = name;
    new_topics_.push_back(fresh.get());
    found = topics_.emplace(std::string(name), std::move(fresh)).first;
    bell_.ring();
  }
  last_topic_ = found->second.get();
  return *last_topic_;
}

bool accumulator::has_room(std::size_t record_bytes) const {
  return (settings_.queue_records == 0 || outstanding_records_ < settings_.queue_records) &&
         (outstanding_records_ == 0 ||
          outstanding_bytes_ + static_cast<std::int64_t>(record_bytes) <= settings_.queue_bytes);
}

// By KIP-794: where less waits, more goes; the chance is what is missing to one batch more than the
// longest queue has. Nothing goes to partitions without a leader while others have one.
std::size_t accumulator::next_sticky(const topic_queues& topic) {
  const auto& all = topic.partitions;
  const bool has_leaders =
      std::ranges::any_of(all, [](const auto& each) { return each->has_leader; });
  std::uint64_t longest = 0;
  for (const auto& each : all) {
    longest = std::max(longest, each->waiting_batches);
  }
  const auto weight = [&](const partition_queue& queue) -> std::uint64_t {
    if (has_leaders && !queue.has_leader) {
      return 0;
    }
    return settings_.is_adaptive ? longest + 1 - queue.waiting_batches : 1;
  };
  std::uint64_t sum = 0;
  for (const auto& each : all) {
    sum += weight(*each);
  }
  std::uint64_t left = random() % sum;
  std::size_t chosen = 0;
  while (left >= weight(*all[chosen])) {
    left -= weight(*all[chosen++]);
  }
  return chosen;
}

partition_queue* accumulator::choose_sticky(topic_queues& topic) {
  if (topic.sticky == nullptr || topic.sticky->open == nullptr ||
      topic.sticky_bytes >= settings_.batch_bytes) {
    topic.sticky = topic.partitions[next_sticky(topic)].get();
    topic.sticky_bytes = 0;
  }
  return topic.sticky;
}

result<partition_queue*> accumulator::choose(topic_queues& topic, const produced_record& record) {
  const auto count = static_cast<std::int32_t>(topic.partitions.size());
  std::int32_t chosen = record.partition;
  if (chosen < 0 && partitioner_) {
    chosen = partitioner_(record, count);
  } else if (chosen < 0) {
    if (const auto by_key = partition_of_key(settings_.partitioner, record.key, count)) {
      chosen = *by_key;
    } else if (settings_.partitioner == partitioner_kind::random) {
      chosen = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(count));
    } else {
      return choose_sticky(topic);
    }
  }
  if (chosen < 0 || chosen >= count) {
    return fail(error_code::unknown_topic_or_partition,
                fmt::format("{} has {} partitions and no partition {}", topic.name, count, chosen));
  }
  return topic.partitions[static_cast<std::size_t>(chosen)].get();
}

void accumulator::close(partition_queue& queue) {
  if (queue.closed.empty()) {
    with_closed_.push_back(&queue);
  }
  queue.closed.push_back(std::move(queue.open));
  bell_.ring();
}

batch& accumulator::batch_for(partition_queue& queue, std::size_t record_bytes) {
  if (queue.open != nullptr &&
      (static_cast<std::int64_t>(queue.open->record_bytes() + record_bytes) >
           std::min(settings_.batch_bytes, settings_.request_bytes) ||
       queue.open->record_count() >= settings_.batch_records)) {
    std::erase(with_open_, &queue);
    close(queue);
  }
  if (queue.open == nullptr) {
    const auto now = runtime::now_anywhere();
    if (spare_.empty()) {
      queue.open = std::make_unique<batch>(memory_, now);
    } else {
      queue.open = std::move(spare_.back());
      spare_.pop_back();
      queue.open->reuse(now);
    }
    with_open_.push_back(&queue);
    ++queue.waiting_batches;
    if (flushing_ > 0 || now + settings_.linger < sender_wakes_) {
      bell_.ring();
    }
  }
  return *queue.open;
}

void accumulator::encode_headers(std::span<const record::record_header> headers) {
  headers_.clear();
  for (const record::record_header& each : headers) {
    const std::optional<bytes_view> key = as_bytes(each.key);
    const std::size_t before = headers_.size();
    headers_.resize(before + record::detail::nullable_bytes(key) +
                    record::detail::nullable_bytes(each.value));
    std::byte* const at = record::detail::write_nullable(headers_.data() + before, key);
    record::detail::write_nullable(at, each.value);
  }
}

result<append_outcome> accumulator::append(const produced_record& record) {
  runtime::lock_holder held(lock_);
  return append_locked(record);
}

result<append_outcome> accumulator::append_locked(const produced_record& record) {
  if (refusal_) {
    return fail(refusal_->why);
  }
  topic_queues& topic = topic_of(record.topic);
  if (topic.partitions.empty()) {
    return topic.trouble ? result<append_outcome>(append_outcome::no_partitions)
                         : fail(topic.trouble.error());
  }
  encode_headers(record.headers);
  const std::size_t most = most_record_bytes(record.key, record.value, headers_.size());
  if (static_cast<std::int64_t>(most) > settings_.request_bytes) {
    return fail(error_code::message_too_large,
                fmt::format("a record of {} bytes, over message.max.bytes={}", most,
                            settings_.request_bytes));
  }
  if (!has_room(most)) {
    return append_outcome::no_room;
  }
  const auto queue = choose(topic, record);
  if (!queue) {
    return fail(queue.error());
  }
  const std::int64_t timestamp =
      record.timestamp_ms < 0 ? home_.wall_clock_ms() : record.timestamp_ms;
  batch& to = batch_for(**queue, most);
  const std::size_t before = to.record_bytes();
  if (record.listener != nullptr) {
    const auto produced = record.listener->hears_all() ? runtime::now_anywhere() : to.created();
    to.listen({record.listener, record.tag, to.record_count(), timestamp, produced});
  }
  to.append(timestamp, record.key, record.value, static_cast<std::int32_t>(record.headers.size()),
            headers_);
  const auto bytes = static_cast<std::int64_t>(to.record_bytes() - before);
  topic.sticky_bytes += *queue == topic.sticky ? bytes : 0;
  outstanding_bytes_ += bytes;
  ++outstanding_records_;
  return append_outcome::done;
}

result<> accumulator::append_or_wait(const produced_record& record, runtime::steady_time deadline) {
  runtime::lock_holder held(lock_);
  for (;;) {
    const auto outcome = append_locked(record);
    if (!outcome) {
      return fail(outcome.error());
    }
    if (*outcome == append_outcome::done) {
      return {};
    }
    ++waiting_;
    const bool is_in_time = changed_.wait_until(held, deadline);
    --waiting_;
    if (!is_in_time) {
      return *outcome == append_outcome::no_room
                 ? fail(error_code::request_timed_out, "the queue stays full")
                 : fail(error_code::request_timed_out,
                        fmt::format("the partitions of {} do not become known{}{}", record.topic,
                                    cluster_trouble_.empty() ? "" : ": ", cluster_trouble_));
    }
  }
}

std::size_t accumulator::outstanding() const {
  const runtime::lock_holder held(lock_);
  return static_cast<std::size_t>(outstanding_records_);
}

std::optional<append_refusal> accumulator::refusal() const {
  const runtime::lock_holder held(lock_);
  return refusal_;
}

void accumulator::refuse(std::optional<append_refusal> why) {
  const runtime::lock_holder held(lock_);
  refusal_ = std::move(why);
  changed_.notify_all();
}

bool accumulator::wait_until_empty(runtime::steady_time deadline) {
  begin_flush();
  runtime::lock_holder held(lock_);
  bool is_in_time = true;
  while (outstanding_records_ > 0 && is_in_time) {
    ++waiting_;
    is_in_time = changed_.wait_until(held, deadline);
    --waiting_;
  }
  --flushing_;
  return outstanding_records_ == 0;
}

void accumulator::begin_flush() {
  const runtime::lock_holder held(lock_);
  ++flushing_;
  bell_.ring();
}

void accumulator::end_flush() {
  const runtime::lock_holder held(lock_);
  --flushing_;
}

std::vector<topic_queues*> accumulator::take_new_topics() {
  const runtime::lock_holder held(lock_);
  return std::exchange(new_topics_, {});
}

void accumulator::set_partitions(topic_queues& topic, std::size_t count) {
  const runtime::lock_holder held(lock_);
  while (topic.partitions.size() < count) {
    auto fresh = std::make_unique<partition_queue>();
    fresh->topic = &topic;
    fresh->index = static_cast<std::int32_t>(topic.partitions.size());
    fresh->number = partition_count_++;
    topic.partitions.push_back(std::move(fresh));
  }
  changed_.notify_all();
}

void accumulator::set_leaders(topic_queues& topic, const std::vector<bool>& has_leader) {
  const runtime::lock_holder held(lock_);
  for (std::size_t i = 0; i < std::min(has_leader.size(), topic.partitions.size()); ++i) {
    topic.partitions[i]->has_leader = has_leader[i];
  }
}

void accumulator::set_trouble(topic_queues& topic, error why) {
  const runtime::lock_holder held(lock_);
  topic.trouble = fail(std::move(why));
  changed_.notify_all();
}

void accumulator::set_cluster_trouble(const std::string& why) {
  const runtime::lock_holder held(lock_);
  cluster_trouble_ = why;
}

runtime::steady_time accumulator::take(
    runtime::steady_time now, bool everything,
    const std::function<bool(const partition_queue&)>& is_backed_up,
    std::vector<taken_batch>& into) {
  const runtime::lock_holder held(lock_);
  for (partition_queue* const queue : with_closed_) {
    for (auto& each : queue->closed) {
      into.push_back({queue, std::move(each)});
    }
    queue->closed.clear();
  }
  with_closed_.clear();
  everything = everything || flushing_ > 0;
  const auto due = [this](const partition_queue* queue) {
    return queue->open->created() + settings_.linger;
  };
  const auto lingering =
      everything
          ? with_open_.end()
          : std::ranges::find_if(with_open_, [&](const auto* each) { return due(each) > now; });
  sender_wakes_ = lingering == with_open_.end() ? runtime::no_deadline : due(*lingering);
  const auto left = std::remove_if(with_open_.begin(), lingering, [&](partition_queue* queue) {
    if (!everything && is_backed_up(*queue)) {
      return false;
    }
    into.push_back({queue, std::move(queue->open)});
    return true;
  });
  with_open_.erase(left, lingering);
  return sender_wakes_;
}

void accumulator::left(partition_queue& queue) {
  const runtime::lock_holder held(lock_);
  --queue.waiting_batches;
}

void accumulator::came_back(partition_queue& queue) {
  const runtime::lock_holder held(lock_);
  ++queue.waiting_batches;
}

void accumulator::count(const batch& part) {
  const runtime::lock_holder held(lock_);
  outstanding_bytes_ += static_cast<std::int64_t>(part.record_bytes());
  outstanding_records_ += part.record_count();
}

void accumulator::give_back(std::unique_ptr<batch> done) {
  done->drop_bytes();
  const runtime::lock_holder held(lock_);
  const auto bytes = static_cast<std::int64_t>(done->record_bytes());
  outstanding_bytes_ -= bytes;
  outstanding_records_ -= done->record_count();
  ensure(outstanding_records_ >= 0, "records that are done were outstanding");
  if (spare_.size() < most_spare) {
    spare_.push_back(std::move(done));
  }
  if (waiting_ > 0) {
    changed_.notify_all();
  }
  if (outstanding_records_ == 0) {
    emptied_.notify_all();
  }
}

}  // namespace barnabas::client
