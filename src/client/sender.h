// Sends what the accumulator has gathered: finds leaders, fills Produce
// requests with one batch a partition, keeps max.in.flight a broker, sends
// again what may be sent again, and tells listeners. With idempotence each
// batch has its sequence from its first sending on, so that the broker takes it
// once and in order; after an error that leaves a gap, and when it is known of
// every batch whether it was written, the partition goes on with a new epoch
// from sequence 0 (KIP-360). With transactions such an error ends the
// transaction, and the coordinator gives the next epoch. Lives on one shard.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "client/accumulator.h"
#include "client/cluster.h"
#include "client/transaction_rounds.h"

namespace barnabas::protocol {
struct produce_response;
struct produce_response_partition_produce_response;
}  // namespace barnabas::protocol

namespace barnabas::client {

class sender {
 public:
  // `transactions` is null where there are none.
  sender(cluster& cluster, accumulator& from, const producer_configuration& settings,
         transaction_rounds* transactions);

  void start();
  // What is still queued or under way fails with `why`.
  runtime::task<> stop(error why);
  // Fails what is queued and not under way.
  void purge();

 private:
  // What is on its way to one partition.
  struct lane {
    partition_queue* queue = nullptr;
    std::deque<std::unique_ptr<batch>> waiting;  // in order
    int in_flight = 0;
    std::uint64_t next_order = 0;
    producer_sequence next;  // the sequence of the next batch; as an older epoch
                             // of the producer
    bool must_renumber = false;
    // Under which a batch was written last, and when; before that, and once the broker has
    // forgotten the producer (producer.id.expiration.ms), it takes any number as the first.
    std::int64_t written_as = record::no_producer_id;
    runtime::steady_time written_at{};
  };
  struct sent_batch {
    lane* to = nullptr;
    std::unique_ptr<batch> what;
    uuid topic_id = {};  // under which it was sent
  };
  // A request being filled, to one broker.
  struct load {
    connection_ptr connection;
    std::vector<sent_batch> batches;
    std::int64_t bytes = 0;
  };
  struct answered {
    error_code code = error_code::none;
    std::string message;
    std::int64_t offset = -1;
    std::int64_t timestamp_ms = -1;
    bool may_be_written = false;
  };

  runtime::task<> run();
  runtime::task<> watch_cluster();
  void ask_transactions();
  void learn_topics();
  void take_batches();
  // Sends all that can be sent, and says when something may have to be done
  // next.
  runtime::steady_time send_ready();
  bool fill(std::map<std::int32_t, load>& loads, runtime::steady_time& next);
  bool is_ready(lane& from, runtime::steady_time& next);
  bool has_producer(const lane& from);
  bool may_overtake(const lane& from) const;
  // True when a batch of the lane has become part of a request.
  bool add(lane& from, std::map<std::int32_t, load>& loads);
  void give_sequence(lane& from, batch& what);
  void renumber(lane& from);
  void expire(lane& from);
  runtime::steady_time expiry(const batch& what) const;

  runtime::task<> send(std::int32_t broker, load what);
  runtime::task<> get_producer_id();
  void take_answer(const protocol::produce_response& answer, std::vector<sent_batch>& sent);
  void finish(sent_batch done, const answered& how);
  void retry(lane& from, std::unique_ptr<batch> what);
  // Whether its number was refused because an earlier batch was.
  static bool follows_another(const lane& from, const batch& what, error_code code);
  bool may_send_again(const batch& what) const;
  bool may_retry(const lane& from, const batch& what, error_code code) const;
  // Its records go in two batches in its place.
  void split(lane& from, std::unique_ptr<batch> what);
  // Of those that wait.
  std::unique_ptr<batch> take_first(lane& from);
  void requeue(lane& from, std::unique_ptr<batch> what);
  void fail_batch(lane& from, std::unique_ptr<batch> what, const answered& how);
  void tell(const lane& from, const batch& what, const answered& how);
  void fail_all(const error& why);

  lane& lane_of(partition_queue& queue);
  void wake() { from_.bell().rung().notify_all(); }

  cluster& cluster_;
  accumulator& from_;
  const producer_configuration& settings_;
  transaction_rounds* transactions_;
  std::vector<topic_queues*> topics_;
  std::vector<std::unique_ptr<lane>> lanes_;  // by the number of the partition
  std::vector<std::byte> scratch_;            // of batches being compressed
  bool has_news_ = false;                     // of the cluster, since topics were looked at
  std::size_t first_lane_ = 0;                // that is asked first, each time another
  std::map<std::int32_t, std::size_t> in_flight_;
  std::uint64_t unqueued_ = 0;  // batches that waited in lanes and no longer do
  bool has_left_some_ = false;  // open batches, since others of their partitions wait
  std::vector<taken_batch> taken_;
  runtime::steady_time next_linger_{};
  std::int64_t producer_id_ = record::no_producer_id;
  std::int16_t epoch_ = record::no_producer_epoch;
  bool is_asking_for_id_ = false;
  runtime::task_group tasks_{"producer"};
};

}  // namespace barnabas::client
