#include "broker/handlers/fetch_work.h"

#include <algorithm>
#include <list>

#include "broker/encode.h"
#include "broker/handlers/current_leader.h"
#include "protocol/messages/fetch_response.h"
#include "runtime/task_group.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::fetch_response;

constexpr std::int16_t first_version_with_topic_ids = 13;
constexpr std::int16_t first_version_with_endpoints = 16;
// What was read at the beginning of so many slices, up to 4 KiB of each, is kept to be sent.
constexpr int most_heads = 64;

// Wakes the request's part when a partition has more to read.
class part_waiter final : public replica::data_waiter {
 public:
  part_waiter(fetch_part& part, partition_ptr partition)
      : part_(part), partition_(std::move(partition)) {
    partition_->add(*this);
  }
  void data_arrived() override {
    part_.has_data = true;
    part_.woken.notify_all();
  }

 private:
  fetch_part& part_;
  partition_ptr partition_;  // keeps the list that this is in
};

error_code leader_error(const cluster::partition* partition, std::int32_t broker_id,
                        std::int32_t replica_id) {
  if (partition == nullptr) {
    return error_code::unknown_topic_or_partition;
  }
  // Who follows is a replica and not the leader itself.
  if (partition->leader != broker_id || replica_id == broker_id ||
      (replica_id >= 0 && !partition->replicas.contains(replica_id))) {
    return error_code::not_leader_or_follower;
  }
  return error_code::none;
}

using file_slices = boost::container::small_vector<runtime::file_slice, 1>;

void fill(const fetch_work& work, fetch_entry& entry, file_slices& slices,
          fetch_response::partition_data& out) {
  replica::read_outcome& read = entry.read;
  out.partition_index = entry.asked->key.partition;
  out.error_code = read.error;
  out.high_watermark = read.high_watermark;
  out.last_stable_offset = read.last_stable_offset;
  out.log_start_offset = read.log_start_offset;
  out.aborted_transactions.reset();
  if (work.level == replica::isolation::read_committed) {
    auto& aborted = out.aborted_transactions.emplace();
    for (const storage::aborted_transaction& each : read.data.aborted) {
      aborted.push_back({each.producer_id, each.first_offset});
    }
  }
  if (read.diverging) {
    out.diverging_epoch = {read.diverging->epoch, read.diverging->end_offset};
  }
  if (work.request.version >= 12) {
    fill_current_leader(*work.image, entry.topic.get(), entry.asked->key.partition, read.error,
                        out.current_leader);
  }
  out.records = protocol::records::empty();
  if (!read.data.empty()) {
    out.records = protocol::records::external(static_cast<std::size_t>(read.data.slice.length),
                                              static_cast<std::uint32_t>(slices.size()));
    slices.push_back(std::move(read.data.slice));
  }
}

}  // namespace

// Tells that one of several parts has waited enough; on the connection's shard.
struct fetch_work::part_end {
  runtime::condition told;
  bool is_there = false;
};

std::int32_t fetch_work::byte_limit() const {
  const std::int32_t limit = std::min(max_bytes, services.max_bytes);
  return quota == nullptr
             ? limit
             : static_cast<std::int32_t>(std::min<std::int64_t>(limit, quota->most_fetch_bytes()));
}

void fetch_work::resolve() {
  image = services.images.current();
  entries.clear();
  parts.clear();
  entries.reserve(context.partitions().size());
  const bool by_id = request.version >= first_version_with_topic_ids;
  for (auto asked = context.partitions().begin(); asked != context.partitions().end(); ++asked) {
    fetch_entry& entry = entries.emplace_back();
    entry.asked = asked;
    entry.topic =
        by_id ? image->topics.find(asked->key.topic_id) : image->topics.find(asked->key.topic);
    if (!entry.topic) {
      entry.read.error =
          by_id ? error_code::unknown_topic_id : error_code::unknown_topic_or_partition;
      continue;
    }
    const std::int32_t index = asked->key.partition;
    entry.read.error = asked->max_bytes < 0  // on which Kafka fails with UNKNOWN_SERVER_ERROR
                           ? error_code::invalid_request
                           : leader_error(entry.topic->find(index), services.broker_id, replica_id);
    if (entry.read.error != error_code::none) {
      continue;
    }
    const int owner = services.partitions.shard_of(entry.topic->name, index);
    auto part = std::ranges::find(parts, owner, &fetch_part::shard);
    if (part == parts.end()) {
      part = parts.emplace(parts.end());
      part->shard = owner;
    }
    part->entries.push_back(&entry);
  }
  request.connection->owners.note(parts.size() == 1 ? parts.front().shard : owner_streak::no_shard);
}

runtime::task<> fetch_work::read() {
  const auto begin = [this](fetch_part& part) {
    return runtime::on_shard(services.partitions.world().shard_at(part.shard),
                             [this, &part] { return read_part(part); });
  };
  if (parts.size() == 1) {
    co_await begin(parts.front());
    co_return;
  }
  std::vector<runtime::task<bool>> running;
  for (fetch_part& part : parts) {
    running.push_back(begin(part));
  }
  if (!running.empty()) {
    co_await runtime::when_all(std::move(running));
  }
}

runtime::task<bool> fetch_work::read_part(fetch_part& part) {
  std::int64_t budget = byte_limit();
  bool is_first = true;
  int heads = 0;
  for (fetch_entry* entry : part.entries) {
    const partition_ptr partition =
        services.partitions.find(entry->topic->id, entry->asked->key.partition);
    if (!partition) {
      entry->read.error = error_code::not_leader_or_follower;
      continue;
    }
    entry->seen_end = partition->readable_end(level);
    replica::read_position position;
    position.offset = entry->asked->fetch_offset;
    position.current_leader_epoch = entry->asked->current_leader_epoch;
    position.last_fetched_epoch = entry->asked->last_fetched_epoch;
    position.max_bytes =
        std::max<std::int64_t>(0, std::min<std::int64_t>(entry->asked->max_bytes, budget));
    position.level = level;
    position.min_one_batch = is_first;
    entry->read = co_await partition->read(position);
    budget -= entry->read.data.slice.length;
    is_first = is_first && entry->read.data.empty();
    if (++heads > most_heads) {
      entry->read.data.slice.head = {};
    }
  }
  co_return true;
}

fetch_sizes fetch_work::apply_byte_limit() {
  const std::int64_t limit = byte_limit();
  fetch_sizes total;
  for (fetch_entry& entry : entries) {
    std::int64_t& length = entry.read.data.slice.length;
    if (total.sent > 0) {  // the first may be larger than all
      length = std::min(length, std::max<std::int64_t>(limit - total.sent, 0));
    }
    total.sent += length;
    total.held_back += entry.read.data.held_back_bytes;
  }
  return total;
}

bool fetch_work::has_error() const {
  const auto is_urgent = [](const fetch_entry& entry) {
    return (entry.read.error != error_code::none &&
            entry.read.error != error_code::unknown_topic_or_partition &&
            entry.read.error != error_code::unknown_topic_id) ||
           entry.read.diverging.has_value();
  };
  return parts.empty() || std::ranges::any_of(entries, is_urgent);
}

runtime::task<> fetch_work::wait(runtime::steady_time deadline) {
  if (parts.size() == 1 && parts.front().shard == runtime::shard::current().index()) {
    fetch_part& only = parts.front();
    network::closing_watch watch(*request.connection->closing, only.woken);
    co_await wait_here(only, deadline);
    co_return;
  }
  part_end end;
  std::vector<runtime::task<bool>> waiting;
  for (fetch_part& part : parts) {
    waiting.push_back(wait_part(part, end, deadline));
  }
  waiting.push_back(cancel_when_closing(end));
  co_await runtime::when_all(std::move(waiting));
}

runtime::task<bool> fetch_work::wait_part(fetch_part& part, part_end& end,
                                          runtime::steady_time deadline) {
  co_await runtime::on_shard(services.partitions.world().shard_at(part.shard),
                             [this, &part, deadline] { return wait_here(part, deadline); });
  end.is_there = true;
  end.told.notify_all();
  for (fetch_part& other : parts) {  // one is enough
    if (&other != &part) {
      co_await runtime::on_shard(services.partitions.world().shard_at(other.shard),
                                 [this, &other] { return cancel(other); });
    }
  }
  co_return true;
}

// A client that has gone, or a broker that stops, waits for nothing.
runtime::task<bool> fetch_work::cancel_when_closing(part_end& end) {
  network::closing_signal& closing = *request.connection->closing;
  {
    network::closing_watch watch(closing, end.told);
    while (!end.is_there && !closing.is_set()) {
      co_await end.told.wait_until(runtime::no_deadline);  // a part ends at its deadline
    }
  }
  if (closing.is_set()) {
    for (fetch_part& part : parts) {
      co_await runtime::on_shard(services.partitions.world().shard_at(part.shard),
                                 [this, &part] { return cancel(part); });
    }
  }
  co_return true;
}

runtime::task<bool> fetch_work::wait_here(fetch_part& part, runtime::steady_time deadline) {
  std::list<part_waiter> waiters;
  for (const fetch_entry* entry : part.entries) {
    const partition_ptr& partition =
        services.partitions.find(entry->topic->id, entry->asked->key.partition);
    if (!partition || partition->readable_end(level) != entry->seen_end) {
      co_return true;
    }
    waiters.emplace_back(part, partition);
  }
  if (!part.has_data && !part.is_cancelled) {
    co_await part.woken.wait_until(deadline);  // data, cancelled, or a connection that closes
  }
  co_return true;
}

runtime::task<> fetch_work::cancel(fetch_part& part) {
  part.is_cancelled = true;
  part.woken.notify_all();
  co_return;
}

bool fetch_work::is_worth_telling(const fetch_entry& entry) const {
  return !context.is_incremental || entry.read.error != error_code::none ||
         !entry.read.data.empty() || entry.read.diverging ||
         entry.read.high_watermark != entry.asked->last_high_watermark ||
         entry.read.log_start_offset != entry.asked->last_log_start_offset;
}

reply fetch_work::encode() {
  fetch_response response;
  file_slices slices;
  bool has_moved_leader = false;
  response.session_id = context.session_id();
  for (fetch_entry& entry : entries) {
    if (!is_worth_telling(entry)) {
      continue;
    }
    const fetch_key& key = entry.asked->key;
    if (response.responses.empty() || response.responses.back().topic != key.topic ||
        response.responses.back().topic_id != key.topic_id) {
      auto& topic = response.responses.emplace_back();
      topic.topic = key.topic;
      topic.topic_id = key.topic_id;
    }
    has_moved_leader |= entry.read.error == error_code::not_leader_or_follower;
    entry.asked->last_high_watermark = entry.read.high_watermark;
    entry.asked->last_log_start_offset = entry.read.log_start_offset;
    if (context.session && !entry.read.data.empty()) {
      context.session->move_to_end(entry.asked);
    }
    fill(*this, entry, slices, response.responses.back().partitions.emplace_back());
  }
  if (has_moved_leader && request.version >= first_version_with_endpoints) {
    fill_node_endpoints(*image, request.connection->listener_name, response.node_endpoints);
  }
  return encode_reply(request, response, slices);
}

reply fetch_work::encode_throttled() {
  fetch_response response;
  response.throttle_time_ms = quota->settle();
  if (context.is_incremental) {
    response.session_id = context.session_id();
  } else {
    services.sessions.here().drop(context);
  }
  return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
