// Where records are gathered into batches by partition. Any thread appends,
// under one lock; the sender takes batches away on its shard and gives them
// back when their records are done. What is between the two counts against
// queue.buffering.max.messages and .kbytes.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/batch.h"
#include "client/configuration.h"
#include "runtime/outside.h"

namespace barnabas::client {

// A record to be appended; views live for the call.
struct produced_record {
  std::string_view topic;
  std::optional<bytes_view> key;
  std::optional<bytes_view> value;
  std::int32_t partition = -1;  // -1: by the partitioner
  std::int64_t timestamp_ms = -1;
  std::span<const record::record_header> headers;
  std::uint64_t tag = 0;
  delivery_listener* listener = nullptr;
};

using own_partitioner =
    std::function<std::int32_t(const produced_record&, std::int32_t partitions)>;

// Why a transactional producer takes no records now, and what the user has to do first.
struct append_refusal {
  error why;
  bool requires_abort = false;
  bool is_fatal = false;
};

enum class append_outcome : std::uint8_t { done, no_room, no_partitions };

struct topic_queues;

// The batches of one partition that the sender has not taken; under the
// accumulator's lock.
struct partition_queue {
  topic_queues* topic = nullptr;
  std::int32_t index = 0;
  std::size_t number = 0;  // among all partitions of the producer
  std::unique_ptr<batch> open;
  std::vector<std::unique_ptr<batch>> closed;
  bool has_leader = true;             // as far as is known
  std::uint64_t waiting_batches = 0;  // with the open one and those that the sender has not sent
};

struct topic_queues {
  std::string name;
  result<> trouble;  // why there are no partitions
  std::vector<std::unique_ptr<partition_queue>> partitions;
  // Where records without a key go until it has batch.size bytes or its batch
  // was taken (KIP-794).
  partition_queue* sticky = nullptr;
  std::int64_t sticky_bytes = 0;
};

struct taken_batch {
  partition_queue* from = nullptr;
  std::unique_ptr<batch> what;
};

class accumulator {
 public:
  accumulator(runtime::shard& home, const producer_configuration& settings,
              own_partitioner partitioner);

  // From any thread. Errors: unknown_topic_or_partition, message_too_large,
  // invalid_timestamp, what a broker said of the topic, and the refusal.
  result<append_outcome> append(const produced_record& record);
  // As append(), but waits at the gate; request_timed_out says for what. Not on
  // a shard.
  result<> append_or_wait(const produced_record& record, runtime::steady_time deadline);
  std::size_t outstanding() const;
  std::optional<append_refusal> refusal() const;
  // Until everything is done; false when the deadline came first. Not on a
  // shard.
  bool wait_until_empty(runtime::steady_time deadline);
  // While anybody flushes, batches do not linger.
  void begin_flush();
  void end_flush();

  // All below is for the sender, on its shard.

  runtime::doorbell& bell() { return bell_; }
  // Topics that were produced to for the first time since the last call.
  std::vector<topic_queues*> take_new_topics();
  void set_partitions(topic_queues& topic, std::size_t count);
  // By index; those beyond have the leaders that they had.
  void set_leaders(topic_queues& topic, const std::vector<bool>& has_leader);
  void set_trouble(topic_queues& topic, error why);
  // Why no broker can be asked for partitions; empty when one can.
  void set_cluster_trouble(const std::string& why);
  // The batches that are full or have lingered; `everything`: all. One that has
  // lingered stays open, and is filled further, while its queue is_backed_up:
  // others of it wait to be sent. Says when the next will have lingered.
  runtime::steady_time take(runtime::steady_time now, bool everything,
                            const std::function<bool(const partition_queue&)>& is_backed_up,
                            std::vector<taken_batch>& into);
  // A batch of the queue is no longer among those that wait, or is again.
  void left(partition_queue& queue);
  void came_back(partition_queue& queue);
  // A batch with records of another one, which is given back next.
  void count(const batch& part);
  // The records of the batch are done.
  void give_back(std::unique_ptr<batch> done);
  // From now on; nothing: records are taken.
  void refuse(std::optional<append_refusal> why);
  // Notified when nothing is outstanding any more.
  runtime::condition& emptied() { return emptied_; }

 private:
  result<append_outcome> append_locked(const produced_record& record);
  topic_queues& topic_of(std::string_view name);
  result<partition_queue*> choose(topic_queues& topic, const produced_record& record);
  partition_queue* choose_sticky(topic_queues& topic);
  std::size_t next_sticky(const topic_queues& topic);
  batch& batch_for(partition_queue& queue, std::size_t record_bytes);
  void close(partition_queue& queue);
  bool has_room(std::size_t record_bytes) const;
  void encode_headers(std::span<const record::record_header> headers);
  std::uint64_t random();

  runtime::shard& home_;
  const producer_configuration& settings_;
  own_partitioner partitioner_;
  runtime::doorbell bell_;
  runtime::condition emptied_;
  chunk_pool memory_;  // before what has batches

  mutable runtime::lock lock_;
  runtime::gate changed_;  // room, partitions, or nothing outstanding
  std::map<std::string, std::unique_ptr<topic_queues>, std::less<>> topics_;
  topic_queues* last_topic_ = nullptr;
  std::vector<topic_queues*> new_topics_;
  std::size_t partition_count_ = 0;
  std::string cluster_trouble_;
  std::optional<append_refusal> refusal_;
  std::vector<partition_queue*> with_closed_;
  std::deque<partition_queue*> with_open_;  // since their open batch was begun, oldest first
  std::vector<std::unique_ptr<batch>> spare_;
  std::vector<std::byte> headers_;
  std::int64_t outstanding_records_ = 0;
  std::int64_t outstanding_bytes_ = 0;
  int flushing_ = 0;
  int waiting_ = 0;  // threads at the gate
  runtime::steady_time sender_wakes_ = runtime::no_deadline;
  std::uint64_t random_state_;
};

}  // namespace barnabas::client
