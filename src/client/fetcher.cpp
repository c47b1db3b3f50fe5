#include "client/fetcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "record/batch_view.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// That may wait though more is asked for.
constexpr std::int64_t least_waiting_bytes = std::int64_t{1} << 20;

// All is well again in a new session.
bool is_about_sessions(error_code code) {
  return code == error_code::fetch_session_id_not_found ||
         code == error_code::invalid_fetch_session_epoch ||
         code == error_code::fetch_session_topic_id_error;
}

struct batches_end {
  consumed_place place;     // after the last whole batch
  bool is_cut_off = false;  // not even one is whole
};

batches_end end_of(bytes_view bytes) {
  batches_end end;
  record::batches all(bytes);
  for (const record::batch_view batch : all) {
    end.place = {batch.next_offset(), batch.partition_leader_epoch()};
  }
  end.is_cut_off = end.place.offset < 0 && all.failure() &&
                   all.failure()->what == record::parse_failure::kind::incomplete;
  return end;
}

}  // namespace

fetcher::fetcher(cluster& cluster, fetch_queue& queue, group_offsets* offsets,
                 const consumer_configuration& settings)
    : cluster_(cluster), queue_(queue), offsets_(offsets), settings_(settings) {}

void fetcher::start() {
  tasks_.spawn(run());
  tasks_.spawn(watch_cluster());
}

runtime::task<> fetcher::stop() {
  tasks_.stop();
  wake();
  co_await cluster_.stop();
  co_await tasks_.join();
}

runtime::task<> fetcher::run() {
  while (!tasks_.is_stopping()) {
    look_up();
    check_positions();
    const auto next = fetch_all();
    co_await changed_.wait_until(next);
  }
}

runtime::task<> fetcher::watch_cluster() {
  while (!tasks_.is_stopping()) {
    co_await cluster_.changed().wait_until(runtime::no_deadline);
    report_trouble();
    wake();
  }
}

// Once for each time that it begins.
void fetcher::report_trouble() {
  std::map<std::string, error_code, std::less<>> troubles;
  const auto note = [&](const std::string& what, error_code code, const std::string& words) {
    if (is_retriable(code) || code == error_code::none) {
      return;
    }
    troubles[what] = code;
    const auto told = told_.find(what);
    if (told == told_.end() || told->second != code) {
      queue_.put({.what = rebalance_notice::kind::trouble, .why = {code, words}});
    }
  };
  note("", cluster_.trouble_code(), cluster_.trouble());
  for (const auto& [name, topic] : cluster_.topics()) {
    if (topic.is_wanted) {
      note(name, topic.code, fmt::format("{}: {}", name, error_name(topic.code)));
    }
  }
  told_ = std::move(troubles);
}

partition_leader fetcher::leader_of(const topic_partition& name) const {
  const known_topic* const topic = cluster_.find(name.topic);
  const auto index = static_cast<std::size_t>(name.partition);
  return topic != nullptr && index < topic->partitions.size() ? topic->partitions[index]
                                                              : partition_leader();
}

void fetcher::report(const partition_ptr& partition, error why) {
  if (tasks_.is_stopping()) {
    return;
  }
  fetched_piece piece{.from = partition, .generation = partition->fetch_generation};
  piece.trouble = fail(std::move(why));
  queue_.put(std::move(piece));
}

wanted_partitions fetcher::wanted_from(std::int32_t broker) const {
  wanted_partitions wanted;
  const auto now = runtime::shard::current().now();
  const runtime::lock_holder held(queue_.guard());
  for (const auto& [name, each] : assigned_) {
    const partition_leader leader = leader_of(name);
    if (each->fetch_offset < 0 || each->is_paused || each->not_before > now ||
        read_from(*each) != broker || needs_check(*each)) {
      continue;
    }
    wanted[name] = {each->fetch_offset, leader.epoch, settings_.partition_fetch_bytes,
                    cluster_.find(name.topic)->id};
  }
  return wanted;
}

// Half of the last answers, so that the next ones come while these are read, and find the memory of
// those before them free and still in the cache.
std::int64_t fetcher::most_waiting() const {
  std::int64_t answers = 0;
  for (const auto& [broker, state] : brokers_) {
    answers += state.answer_bytes;
  }
  return std::min(settings_.queue_bytes, std::max(answers / 2, least_waiting_bytes));
}

fetcher::broker_state& fetcher::state_of(std::int32_t broker) {
  return brokers_.try_emplace(broker, settings_).first->second;
}

runtime::steady_time fetcher::fetch_all() {
  const auto now = runtime::shard::current().now();
  runtime::steady_time next = runtime::no_deadline;
  std::vector<std::int32_t> brokers;
  for (const auto& [name, each] : assigned_) {
    if (each->not_before > now) {
      next = std::min(next, each->not_before);
    }
    const std::int32_t broker = read_from(*each);
    if (broker >= 0 && std::ranges::find(brokers, broker) == brokers.end()) {
      brokers.push_back(broker);
    }
  }
  if (!queue_.has_room(most_waiting())) {
    return next;
  }
  for (const std::int32_t broker : brokers) {
    broker_state& state = state_of(broker);
    auto wanted = state.is_busy ? wanted_partitions() : wanted_from(broker);
    if (!wanted.empty()) {
      state.is_busy = true;
      tasks_.spawn(fetch(broker, std::move(wanted)));
    }
  }
  return next;
}

runtime::task<> fetcher::fetch(std::int32_t broker, wanted_partitions wanted) {
  const auto began = runtime::shard::current().now();
  const auto deadline = began + settings_.fetch_wait + cluster_.settings().request_timeout;
  broker_state& state = state_of(broker);
  fetch_session& session = state.session;
  protocol::fetch_request request;
  request.max_wait_ms =
      static_cast<std::int32_t>(settings_.fetch_wait / std::chrono::milliseconds(1));
  request.min_bytes = settings_.fetch_least_bytes;
  request.max_bytes = state.size.bytes();
  request.isolation_level = settings_.reads_uncommitted ? 0 : 1;
  request.rack_id = settings_.rack;
  session.fill(request, wanted);
  error failure{error_code::none, {}};
  if (auto connection = co_await cluster_.connection_to(broker, deadline); !connection) {
    failure = connection.error();
    if (failure.code == error_code::broker_not_available) {
      failure.code = error_code::network_exception;  // the cluster will name another one
    }
  } else if (auto answer =
                 co_await (*connection)
                     ->call<protocol::fetch_response>(request, deadline, session.newest_version());
             !answer) {
    failure = answer.error();
  } else if (session.took(answer->message)) {
    const bool is_waited_for = queue_.has_room(0);
    std::int64_t bytes = 0;
    for (const auto& topic : answer->message.responses) {
      for (const auto& data : topic.partitions) {
        const topic_partition name{std::string(session.name_of(topic.topic, topic.topic_id)),
                                   data.partition_index};
        if (const auto asked = wanted.find(name); asked != wanted.end()) {
          take(broker, name, asked->second, data, answer->bytes, bytes > 0);
        }
        bytes += static_cast<std::int64_t>(data.records.size_bytes());
      }
    }
    state.answer_bytes = bytes;
    state.size.answered(bytes, runtime::shard::current().now() - began, is_waited_for);
  } else if (!is_about_sessions(answer->message.error_code)) {
    failure = {answer->message.error_code,
               fmt::format("broker {}: {}", broker, error_name(answer->message.error_code))};
  }
  if (failure.code != error_code::none) {
    session.reset();
    for (const auto& [name, asked] : wanted) {
      if (const auto found = assigned_.find(name); found != assigned_.end()) {
        found->second->read_replica = -1;
        failed(*found->second, failure.code);
        if (!is_retriable(failure.code)) {
          report(found->second, failure);
        }
      }
    }
  }
  state.is_busy = false;
  wake();
}

void fetcher::failed(assigned_partition& partition, error_code code) {
  runtime::shard& here = runtime::shard::current();
  rpc::backoff pause(settings_.cluster.first_retry_backoff, settings_.cluster.most_retry_backoff);
  partition.failures = std::min(partition.failures + 1, 10);
  runtime::duration wait{};
  for (int i = 0; i < partition.failures; ++i) {
    wait = pause.next(here.random());
  }
  partition.not_before = here.now() + wait;
  if (is_retriable(code)) {
    cluster_.refresh_soon();
  }
}

void fetcher::note_log_end(assigned_partition& partition,
                           const protocol::fetch_response_partition_data& data) {
  const bool is_bounded = !settings_.reads_uncommitted && data.last_stable_offset >= 0;
  const runtime::lock_holder held(queue_.guard());
  partition.log_end = is_bounded ? data.last_stable_offset : data.high_watermark;
}

std::int32_t fetcher::read_from(const assigned_partition& partition) const {
  const partition_leader leader = leader_of(partition.name);
  const bool is_elsewhere = partition.read_replica >= 0 && leader.broker >= 0 &&
                            partition.read_replica_epoch == leader.epoch &&
                            runtime::shard::current().now() < partition.read_replica_until &&
                            cluster_.has_broker(partition.read_replica);
  return is_elsewhere ? partition.read_replica : leader.broker;
}

void fetcher::read_elsewhere(assigned_partition& partition, std::int32_t replica) {
  if (!cluster_.has_broker(replica)) {
    return failed(partition, error_code::replica_not_available);
  }
  partition.read_replica = replica;
  partition.read_replica_epoch = leader_of(partition.name).epoch;
  partition.read_replica_until =
      runtime::shard::current().now() + cluster_.settings().refresh_interval;
}

// After any error of another replica the leader is asked, which knows whether the offset is there.
void fetcher::take_error(std::int32_t broker, const partition_ptr& partition,
                         const protocol::fetch_response_partition_data& data) {
  const topic_partition& name = partition->name;
  const bool was_elsewhere = std::exchange(partition->read_replica, -1) == broker;
  if (data.error_code == error_code::offset_out_of_range) {
    if (was_elsewhere) {
      return failed(*partition, data.error_code);
    }
    if (settings_.reset != offset_reset::none) {
      return reset_position(partition);
    }
  }
  if (data.current_leader.leader_id >= 0) {
    cluster_.hint_leader(name.topic, name.partition,
                         {data.current_leader.leader_id, data.current_leader.leader_epoch});
  }
  failed(*partition, data.error_code);
  if (!is_retriable(data.error_code)) {
    report(partition,
           {data.error_code, fmt::format("{} at offset {}: {}", name.to_string(),
                                         partition->fetch_offset, error_name(data.error_code))});
  }
}

void fetcher::take(std::int32_t broker, const topic_partition& name, const wanted_partition& asked,
                   const protocol::fetch_response_partition_data& data,
                   const std::shared_ptr<std::byte[]>& bytes, bool may_be_cut_off) {
  const auto found = assigned_.find(name);
  if (found == assigned_.end() || found->second->fetch_offset != asked.offset) {
    return;  // no longer wanted from there
  }
  const partition_ptr& partition = found->second;
  if (data.error_code != error_code::none) {
    return take_error(broker, partition, data);
  }
  partition->failures = 0;
  note_log_end(*partition, data);
  if (data.preferred_read_replica >= 0) {
    read_elsewhere(*partition, data.preferred_read_replica);
  }
  const auto [end, is_cut_off] = end_of(data.records.bytes());
  // Where the answer is full, a broker cuts the batch off; only the first is always whole (KIP-74).
  if (data.records.size_bytes() == 0 || (is_cut_off && may_be_cut_off)) {
    return;
  }
  fetched_piece piece{.from = partition,
                      .generation = partition->fetch_generation,
                      .offset = asked.offset,
                      .bytes = bytes,
                      .batches = data.records.bytes()};
  if (data.aborted_transactions && !settings_.reads_uncommitted) {
    for (const auto& each : *data.aborted_transactions) {
      piece.aborted.push_back({each.producer_id, each.first_offset});
    }
  }
  if (end.offset > asked.offset) {
    partition->fetch_offset = end.offset;
    partition->fetch_epoch = end.leader_epoch;
  } else {
    failed(*partition,
           error_code::corrupt_message);  // poll() says what is wrong
  }
  queue_.put(std::move(piece));
}

}  // namespace barnabas::client
