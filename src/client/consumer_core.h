// A consumer on a world's first shard: its cluster, its queue, what fetches and its membership in a
// group put together. queue() may be used from any thread, the rest on the shard. The public
// consumer (include/barnabas/consumer.h) is one of these on the library's I/O thread; simulations
// run it as it is.
#pragma once

#include <functional>

#include "client/cluster.h"
#include "client/fetcher.h"
#include "client/group_member.h"
#include "runtime/world.h"

namespace barnabas::client {

class consumer_core {
 public:
  consumer_core(runtime::world& world, consumer_configuration settings);

  void start();
  // Without a close() before it, one that does not wait for long.
  runtime::task<> stop();

  // Partitions that it is told; ends a subscription, with the error of its last commit.
  runtime::task<result<>> assign(std::vector<topic_partition> partitions);
  // Names and patterns (subscription.h). invalid_group_id without group.id.
  result<> subscribe(const std::vector<std::string>& topics);
  // Commits what was processed, if that is automatic, and leaves the group.
  runtime::task<result<>> unsubscribe(runtime::steady_time deadline);
  runtime::task<result<>> close(runtime::steady_time deadline);

  // invalid_group_id without group.id.
  runtime::task<result<>> commit(committed_places places, runtime::steady_time deadline);
  // The same; `told` hears of it on the shard.
  void commit_soon(committed_places places, std::function<void(const result<>&)> told);
  runtime::task<result<committed_places>> committed(std::vector<topic_partition> partitions,
                                                    runtime::steady_time deadline);

  fetcher& fetching() { return fetcher_; }
  group_member& member() { return member_; }
  const group_session::identity& identity() const { return session_.me(); }
  fetch_queue& queue() { return queue_; }
  client::cluster& cluster() { return cluster_; }
  const consumer_configuration& settings() const { return settings_; }

 private:
  bool has_group() const { return !settings_.group.id.empty(); }
  bool commits_automatically() const {
    return has_group() && settings_.group.commits_automatically;
  }
  runtime::task<> commit_and_tell(committed_places places,
                                  std::function<void(const result<>&)> told);
  runtime::task<> commit_regularly();
  runtime::task<result<>> commit_processed(runtime::steady_time deadline);

  consumer_configuration settings_;
  client::cluster cluster_;
  fetch_queue queue_;
  group_session session_;
  group_offsets offsets_;
  fetcher fetcher_;
  group_member member_;
  runtime::task_group tasks_{"commits"};
  bool is_closed_ = false;
};

}  // namespace barnabas::client
