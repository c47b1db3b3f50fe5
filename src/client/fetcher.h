// Fetches what is assigned, ahead of poll(), from the leaders of the
// partitions or the replicas that they name (KIP-392): one request at a time to each broker, in
// sessions, while little of what it answered still waits. Looks up where a partition begins, and
// begins again where the settings say when an offset is not there. Lives on one shard.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "client/answer_size.h"
#include "client/cluster.h"
#include "client/fetch_queue.h"
#include "client/fetch_session.h"
#include "client/group_offsets.h"

namespace barnabas::protocol {
struct fetch_response_partition_data;
}  // namespace barnabas::protocol

namespace barnabas::client {

class fetcher {
 public:
  // `offsets` are those of the consumer's group; null without one.
  fetcher(cluster& cluster, fetch_queue& queue, group_offsets* offsets,
          const consumer_configuration& settings);

  void start();
  runtime::task<> stop();

  // All that is read from now on; partitions that were assigned before keep
  // their positions, others begin where the group has committed, or as
  // auto.offset.reset says.
  void assign(const std::vector<topic_partition>& partitions);
  // poll() gets no more of them, though they are still assigned.
  void withhold(const std::vector<topic_partition>& partitions);
  std::vector<topic_partition> assigned() const;
  // `offset`: of a record, or time_of_begin or time_of_end of offset_lookup.h.
  result<> seek(const topic_partition& partition, std::int64_t offset);
  result<> set_paused(const std::vector<topic_partition>& partitions, bool is_paused);
  // -1 before the first record; unknown_topic_or_partition when it is not
  // assigned.
  result<std::int64_t> position(const topic_partition& partition) const;
  // The offset after the last record that may be read, less the position; -1
  // before both are known.
  result<std::int64_t> lag(const topic_partition& partition) const;
  // Where a group that goes on after this consumer shall begin: after what
  // poll() gave, or after what was processed before its last call and the group
  // does not know yet.
  committed_places positions() const;
  committed_places processed(const std::vector<topic_partition>& partitions) const;
  void note_committed(const committed_places& places);
  // Something changed that may let it go on: poll() took a piece.
  void wake() { changed_.notify_all(); }

 private:
  struct broker_state {
    explicit broker_state(const consumer_configuration& settings)
        : size(std::max(settings.fetch_least_bytes, settings.partition_fetch_bytes),
               settings.fetch_bytes) {}

    fetch_session session;
    answer_size size;
    bool is_busy = false;
    std::int64_t answer_bytes = 0;  // of records in the last answer
  };

  runtime::task<> run();
  runtime::task<> watch_cluster();
  // What the cluster, or a topic that is read, is refused for good.
  void report_trouble();
  void look_up();
  runtime::task<> look_up(std::vector<partition_ptr> partitions);
  runtime::task<> look_up_committed(std::vector<partition_ptr> partitions);
  std::int64_t reset_time() const;
  // The log may have been truncated below the position since its leader has changed (KIP-320).
  bool needs_check(const assigned_partition& partition) const;
  void check_positions();
  runtime::task<> check_position(partition_ptr partition);
  void truncated(const partition_ptr& partition, std::int64_t end);
  // Begins requests to brokers that have something to ask and are not asked;
  // says when to look again.
  runtime::steady_time fetch_all();
  std::int64_t most_waiting() const;
  broker_state& state_of(std::int32_t broker);
  wanted_partitions wanted_from(std::int32_t broker) const;
  runtime::task<> fetch(std::int32_t broker, wanted_partitions wanted);
  // Its leader, or the replica that the leader has named; -1: nobody now.
  std::int32_t read_from(const assigned_partition& partition) const;
  void take(std::int32_t broker, const topic_partition& name, const wanted_partition& asked,
            const protocol::fetch_response_partition_data& data,
            const std::shared_ptr<std::byte[]>& bytes, bool may_be_cut_off);
  void take_error(std::int32_t broker, const partition_ptr& partition,
                  const protocol::fetch_response_partition_data& data);
  void read_elsewhere(assigned_partition& partition, std::int32_t replica);
  void failed(assigned_partition& partition, error_code code);
  void reset_position(const partition_ptr& partition);
  // Until a seek.
  void stop_reading(assigned_partition& partition);
  void note_log_end(assigned_partition& partition,
                    const protocol::fetch_response_partition_data& data);
  result<partition_ptr> find(const topic_partition& name) const;
  void start_from(assigned_partition& partition, std::int64_t offset);
  void report(const partition_ptr& partition, error why);
  partition_ptr begin_reading(const topic_partition& name);
  partition_leader leader_of(const topic_partition& name) const;

  cluster& cluster_;
  fetch_queue& queue_;
  group_offsets* offsets_;
  const consumer_configuration& settings_;
  std::map<topic_partition, partition_ptr> assigned_;
  std::map<std::int32_t, broker_state> brokers_;
  std::map<std::string, error_code, std::less<>> told_;  // by topic; of the cluster: ""
  runtime::condition changed_;
  runtime::task_group tasks_{"consumer"};
};

}  // namespace barnabas::client
