// A consumer's membership in a group of the classic protocol: it joins, gets its partitions, gives
// them to the fetcher, and keeps the membership alive with heartbeats, each on one shard.
//
//   outside --JoinGroup--> joining --SyncGroup--> member --heartbeat says rebalance,
//      ^                      ^                      |     topics have changed--.
//      |                      '----------------------+--------------------------'
//      '-- left, fenced, forgotten by the coordinator, silent for most_silence,
//          not polled for max.poll.interval.ms
//
// Always true: what is fetched for the group is what it owns. Before a partition is given up its
// user has heard of it in poll() (revoked), or it was lost and is read no further (lost). No record
// is given when the coordinator may have expelled the member already, by our clock. With
// cooperative strategies it keeps what it owns while it joins (KIP-429).
#pragma once

#include <string>
#include <vector>

#include "client/assignor.h"
#include "client/fetcher.h"
#include "client/group_offsets.h"
#include "client/subscription.h"

namespace barnabas::protocol {
struct join_group_response;
struct join_group_request;
}  // namespace barnabas::protocol

namespace barnabas::client {

class group_member {
 public:
  group_member(cluster& cluster, group_session& session, group_offsets& offsets, fetcher& fetcher,
               fetch_queue& queue, const consumer_configuration& settings);

  void start();
  // After leave(); the cluster must have been stopped.
  runtime::task<> stop();

  // Takes the place of an earlier subscription. It joins when it is polled.
  void subscribe(subscription to);
  // Joins no more; what is owned can still be committed.
  void begin_leaving();
  // Ends subscription and membership; nothing is owned after it. A static member is only silent
  // (KIP-345): the coordinator waits for its return.
  runtime::task<> leave(runtime::steady_time deadline);
  bool is_subscribed() const { return !subscription_.empty(); }
  const std::vector<topic_partition>& owned() const { return owned_; }
  // In which it was given what it owns.
  std::int32_t generation() const { return last_.generation; }
  // poll() has dealt with a notice, or comes back after a long time.
  void wake() { changed_.notify_all(); }

 private:
  struct joined_group {
    group_session::identity as;
    std::string strategy;
    group_assignment plan;  // of a leader
  };

  runtime::task<> run();
  bool may_join() const;
  runtime::task<result<>> rejoin();
  std::vector<topic_partition> given_up_before_joining() const;
  runtime::task<> after_failure(error why, runtime::duration pause);
  runtime::task<result<joined_group>> join();
  runtime::task<result<joined_group>> join_once();
  runtime::task<result<std::vector<topic_partition>>> sync(const joined_group& joined);
  runtime::task<joined_group> plan(const protocol::join_group_response& answer);
  runtime::task<> know(const std::vector<std::string>& topics);
  runtime::task<> adopt(std::vector<topic_partition> assigned, std::int32_t generation);
  runtime::task<> revoke(std::vector<topic_partition> partitions);
  void lose(bool forgets_id);
  void end(error why);

  runtime::task<> beat();
  runtime::task<> heartbeat();
  void heard(error_code code, runtime::steady_time sent);
  void set_heard_at(runtime::steady_time when);
  bool is_stuck() const;
  runtime::task<> send_leave(group_session::identity who, runtime::steady_time deadline,
                             std::string reason);

  runtime::task<> watch_topics();
  void look_at_topics();
  group_topics partitions_of(const std::vector<std::string>& topics) const;
  void ask_to_join();

  cluster& cluster_;
  group_session& session_;
  group_offsets& offsets_;
  fetcher& fetcher_;
  fetch_queue& queue_;
  const consumer_configuration& settings_;
  const bool is_cooperative_;

  subscription subscription_;
  std::uint64_t refreshes_before_ = 0;  // of the cluster, when it subscribed
  std::vector<std::string> topics_;     // that it said when it joined
  std::vector<topic_partition> owned_;
  member_subscription last_;  // what it was assigned last, and in which generation
  // Counts what ends a membership: who waits looks whether it is still the one that he began in.
  std::uint64_t membership_ = 0;
  bool needs_join_ = false;
  bool is_joining_ = false;

  bool is_leader_ = false;
  std::vector<std::string> group_topics_;  // of a leader
  bool has_racks_ = false;                 // some of its members
  group_topics planned_for_;

  runtime::steady_time last_beat_{};
  runtime::steady_time heard_at_{};  // the coordinator took us for a member then
  runtime::condition changed_;
  runtime::task_group tasks_{"group member"};
};

}  // namespace barnabas::client
