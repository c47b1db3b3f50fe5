#include "client/sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// For so long a broker remembers a producer that writes nothing: producer.id.expiration.ms is a
// day, and may be less.
constexpr auto producer_memory = std::chrono::minutes(1);

}  // namespace

sender::sender(cluster& cluster, accumulator& from, const producer_configuration& settings,
               transaction_rounds* transactions)
    : cluster_(cluster), from_(from), settings_(settings), transactions_(transactions) {}

void sender::start() {
  tasks_.spawn(run());
  tasks_.spawn(watch_cluster());
}

runtime::task<> sender::stop(error why) {
  tasks_.stop();
  wake();
  co_await cluster_.stop();  // ends what is under way
  co_await tasks_.join();
  take_batches();
  fail_all(why);
}

runtime::task<> sender::run() {
  while (!tasks_.is_stopping()) {
    learn_topics();
    take_batches();
    const std::uint64_t before = unqueued_;
    ask_transactions();
    const auto next = std::min(next_linger_, send_ready());
    if (has_left_some_ && unqueued_ != before) {
      continue;  // what was left may go now
    }
    if (!tasks_.is_stopping()) {
      co_await from_.bell().rung().wait_until(next);
    }
  }
}

runtime::task<> sender::watch_cluster() {
  while (!tasks_.is_stopping()) {
    co_await cluster_.changed().wait_until(runtime::no_deadline);
    from_.set_cluster_trouble(cluster_.trouble());
    has_news_ = true;
    wake();
  }
}

void sender::ask_transactions() {
  if (transactions_ == nullptr) {
    return;
  }
  producer_id_ = transactions_->state().producer().id;
  epoch_ = transactions_->state().producer().epoch;
  if (transactions_->state().drops_records()) {
    fail_all(transactions_->state().drop_reason());
  }
}

void sender::learn_topics() {
  for (topic_queues* const each : from_.take_new_topics()) {
    topics_.push_back(each);
    cluster_.use(each->name);
    has_news_ = true;  // what others have asked for may be known already
  }
  if (!std::exchange(has_news_, false)) {
    return;
  }
  for (topic_queues* const each : topics_) {
    const known_topic& known = *cluster_.find(each->name);
    if (known.partitions.size() > each->partitions.size()) {
      from_.set_partitions(*each, known.partitions.size());
    } else if (known.code != error_code::none && !is_retriable(known.code) && each->trouble) {
      from_.set_trouble(*each,
                        {known.code, fmt::format("{}: {}", each->name, error_name(known.code))});
    }
    std::vector<bool> has_leader;
    for (const partition_leader& leader : known.partitions) {
      has_leader.push_back(leader.broker >= 0);
    }
    from_.set_leaders(*each, has_leader);
  }
}

void sender::take_batches() {
  taken_.clear();
  has_left_some_ = false;
  const auto is_backed_up = [this](const partition_queue& queue) {
    const bool is = queue.number < lanes_.size() && lanes_[queue.number] != nullptr &&
                    !lanes_[queue.number]->waiting.empty();
    has_left_some_ = has_left_some_ || is;
    return is;
  };
  next_linger_ =
      from_.take(runtime::shard::current().now(), tasks_.is_stopping(), is_backed_up, taken_);
  for (taken_batch& each : taken_) {
    lane& to = lane_of(*each.from);
    each.what->order = to.next_order;
    to.next_order += static_cast<std::uint64_t>(each.what->record_count());
    to.waiting.push_back(std::move(each.what));
  }
}

sender::lane& sender::lane_of(partition_queue& queue) {
  if (queue.number >= lanes_.size()) {
    lanes_.resize(queue.number + 1);
  }
  auto& found = lanes_[queue.number];
  if (found == nullptr) {
    found = std::make_unique<lane>();
    found->queue = &queue;
  }
  return *found;
}

runtime::steady_time sender::expiry(const batch& what) const {
  return settings_.delivery_timeout == runtime::duration::zero()
             ? runtime::no_deadline
             : what.created() + settings_.delivery_timeout;
}

void sender::expire(lane& from) {
  const auto now = runtime::shard::current().now();
  while (!from.waiting.empty() && expiry(*from.waiting.front()) <= now) {
    auto late = take_first(from);
    std::string why = "not delivered within delivery.timeout.ms";
    if (!cluster_.trouble().empty()) {
      why += ": " + cluster_.trouble();
    }
    fail_batch(from, std::move(late),
               {.code = error_code::request_timed_out, .message = std::move(why)});
  }
}

runtime::steady_time sender::send_ready() {
  runtime::steady_time next = runtime::no_deadline;
  for (;;) {
    std::map<std::int32_t, load> loads;
    if (!fill(loads, next)) {
      break;
    }
    for (auto& [broker, what] : loads) {
      ++in_flight_[broker];
      tasks_.spawn(send(broker, std::move(what)));
    }
  }
  if (transactions_ != nullptr && transactions_->has_partitions_to_add()) {
    tasks_.spawn(transactions_->add_partitions());
  }
  if (!lanes_.empty()) {
    first_lane_ = (first_lane_ + 1) % lanes_.size();
  }
  return next;
}

bool sender::fill(std::map<std::int32_t, load>& loads, runtime::steady_time& next) {
  bool has_added = false;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& each = lanes_[(first_lane_ + i) % lanes_.size()];
    if (each != nullptr && is_ready(*each, next)) {
      has_added = add(*each, loads) || has_added;
    }
  }
  return has_added;
}

bool sender::is_ready(lane& from, runtime::steady_time& next) {
  expire(from);
  if (from.waiting.empty()) {
    return false;
  }
  batch& front = *from.waiting.front();
  next = std::min(next, expiry(front));
  if (front.not_before > runtime::shard::current().now()) {
    next = std::min(next, front.not_before);
    return false;
  }
  if (!has_producer(from)) {
    return false;
  }
  if (settings_.is_idempotent && from.in_flight > 0 && may_overtake(from)) {
    return false;
  }
  if (from.must_renumber && transactions_ == nullptr) {
    if (from.in_flight > 0) {
      return false;
    }
    if (!front.may_be_written) {
      renumber(from);
    }
  }
  return true;
}

// Were the one in flight refused, as by a leader that has just been named, the next might be
// written.
bool sender::may_overtake(const lane& from) const {
  return from.written_as != producer_id_ ||
         from.written_at + producer_memory < runtime::shard::current().now();
}

// Of an idempotent one, that it has its id; of a transaction, that the partition is in it.
bool sender::has_producer(const lane& from) {
  if (transactions_ != nullptr) {
    return transactions_->admits(*from.queue);
  }
  if (settings_.is_idempotent && producer_id_ == record::no_producer_id) {
    if (!is_asking_for_id_) {
      is_asking_for_id_ = true;
      tasks_.spawn(get_producer_id());
    }
    return false;
  }
  return true;
}

bool sender::add(lane& from, std::map<std::int32_t, load>& loads) {
  const known_topic& topic = *cluster_.find(from.queue->topic->name);
  const auto index = static_cast<std::size_t>(from.queue->index);
  const std::int32_t leader = index < topic.partitions.size() ? topic.partitions[index].broker : -1;
  if (leader < 0) {
    cluster_.refresh_soon();
    return false;
  }
  if (in_flight_[leader] >= settings_.in_flight_per_broker) {
    return false;
  }
  load& to = loads[leader];
  if (to.connection == nullptr) {
    to.connection = cluster_.connection_now(leader);
    if (to.connection == nullptr) {
      loads.erase(leader);
      return false;
    }
  }
  batch& front = *from.waiting.front();
  if (!front.is_sealed()) {
    front.seal(settings_.compression, transactions_ != nullptr, scratch_);
  }
  const auto bytes = static_cast<std::int64_t>(front.size_bytes());
  if (!to.batches.empty() && to.bytes + bytes > settings_.request_bytes) {
    return false;
  }
  give_sequence(from, front);
  to.bytes += bytes;
  to.batches.push_back({&from, take_first(from), topic.id});
  ++from.in_flight;
  return true;
}

void sender::give_sequence(lane& from, batch& what) {
  ++what.attempts;
  if (!settings_.is_idempotent) {
    if (what.attempts == 1) {
      what.set_sequence({});
    }
    return;
  }
  if (what.sequence().first != record::no_sequence) {
    return;
  }
  const bool is_older = from.next.epoch != epoch_ && transactions_ != nullptr;
  if (from.next.producer_id != producer_id_ || is_older) {
    from.next = {producer_id_, epoch_, 0};
  }
  what.set_sequence(from.next);
  from.next.first = record::add_to_sequence(from.next.first, what.record_count());
}

// Nothing of the lane is in flight, and none of its batches was written under
// the old numbers.
void sender::renumber(lane& from) {
  from.must_renumber = false;
  if (epoch_ == std::numeric_limits<std::int16_t>::max()) {
    producer_id_ = record::no_producer_id;  // a new one is asked for
  } else {
    ++epoch_;
  }
  from.next = {producer_id_, epoch_, 0};
  for (const auto& each : from.waiting) {
    if (each->is_sealed()) {
      each->set_sequence({});
    }
  }
  log(log_level::info, "client", "a partition goes on with a new producer epoch",
      {field("partition", fmt::format("{}-{}", from.queue->topic->name, from.queue->index)),
       field("epoch", epoch_)});
}

std::unique_ptr<batch> sender::take_first(lane& from) {
  auto first = std::move(from.waiting.front());
  from.waiting.pop_front();
  ++unqueued_;
  from_.left(*from.queue);
  return first;
}

void sender::requeue(lane& from, std::unique_ptr<batch> what) {
  const auto place = std::ranges::find_if(
      from.waiting, [&](const auto& other) { return other->order > what->order; });
  from.waiting.insert(place, std::move(what));
  from_.came_back(*from.queue);
}

void sender::split(lane& from, std::unique_ptr<batch> what) {
  log(log_level::debug, "client", "a batch is too large for its broker and sent in halves",
      {field("partition", fmt::format("{}-{}", from.queue->topic->name, from.queue->index)),
       field("records", what->record_count()), field("bytes", what->size_bytes())});
  for (auto& half : what->split(settings_.compression, transactions_ != nullptr)) {
    from_.count(*half);
    requeue(from, std::move(half));
  }
  from_.give_back(std::move(what));
}

void sender::tell(const lane& from, const batch& what, const answered& how) {
  const error failure{how.code, how.message};
  const bool has_failed = how.code != error_code::none;
  const auto now = runtime::shard::current().now();
  const auto stands =
      transactions_ == nullptr ? transaction::state::open : transactions_->state().now();
  for (const receipt& each : what.receipts()) {
    if (!has_failed && !each.listener->hears_all()) {
      continue;
    }
    each.listener->delivered(
        {.topic = from.queue->topic->name,
         .partition = from.queue->index,
         .offset = how.offset < 0 ? -1 : how.offset + each.index,
         .timestamp_ms = how.timestamp_ms < 0 ? each.timestamp_ms : how.timestamp_ms,
         .latency = now - each.produced,
         .tag = each.tag,
         .failure = has_failed ? &failure : nullptr,
         .requires_abort = has_failed && stands == transaction::state::must_abort,
         .is_fatal = has_failed && stands == transaction::state::lost});
  }
}

void sender::fail_batch(lane& from, std::unique_ptr<batch> what, const answered& how) {
  const bool had_sequence = what->sequence().first != record::no_sequence;
  from.must_renumber = from.must_renumber || had_sequence;
  if (transactions_ != nullptr) {
    transactions_->records_failed({how.code, how.message}, had_sequence);
  }
  tell(from, *what, how);
  from_.give_back(std::move(what));
}

void sender::fail_all(const error& why) {
  for (const auto& each : lanes_) {
    while (each != nullptr && !each->waiting.empty()) {
      fail_batch(*each, take_first(*each), {.code = why.code, .message = why.message});
    }
  }
}

void sender::purge() {
  taken_.clear();
  from_.take(runtime::shard::current().now(), true, {}, taken_);
  for (taken_batch& each : taken_) {
    lane_of(*each.from).waiting.push_back(std::move(each.what));
  }
  fail_all({error_code::operation_not_attempted, "purged from the queue"});
}

}  // namespace barnabas::client
