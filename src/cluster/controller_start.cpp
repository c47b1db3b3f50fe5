#include <fmt/format.h>

#include "base/log.h"
#include "cluster/detail/config_nodes.h"
#include "cluster/detail/controller_state.h"
#include "cluster/detail/quota_nodes.h"
#include "cluster/detail/topic_nodes.h"
#include "runtime/shard.h"

namespace barnabas::cluster {

using runtime::task;
namespace znodes = detail::znodes;

namespace {

uuid random_uuid() {
  runtime::shard& shard = runtime::shard::current();
  return uuid::from_random(shard.random(), shard.random());
}

}  // namespace

task<result<>> controller::state::load() {
  auto connected = co_await store.connect(options.session_timeout);
  if (!connected) {
    co_return std::unexpected(metastore::to_error(connected.error()));
  }
  session = std::move(*connected);
  const std::string wanted =
      options.cluster_id.empty() ? random_uuid().to_string() : options.cluster_id;
  auto id = co_await detail::make_fixed_nodes(*session, wanted);
  if (!id) {
    co_return std::unexpected(id.error());
  }
  if (!options.cluster_id.empty() && *id != options.cluster_id) {
    co_return fail(
        error_code::inconsistent_cluster_id,
        fmt::format("the log directories belong to cluster {}, the metastore to cluster {}",
                    options.cluster_id, *id));
  }
  auto topics = co_await detail::read_topics(*session);
  auto configs = co_await detail::read_all_overrides(*session, znodes::broker_configs_path);
  auto groups = co_await detail::read_all_overrides(*session, znodes::group_configs_path);
  auto quotas = co_await detail::read_quotas(*session);
  auto marked = co_await detail::read_deletions(*session);
  if (!topics || !configs || !groups || !quotas || !marked) {
    co_return std::unexpected(!topics    ? topics.error()
                              : !configs ? configs.error()
                              : !groups  ? groups.error()
                              : !quotas  ? quotas.error()
                                         : marked.error());
  }
  auto next = std::make_shared<image>();
  next->cluster_id = std::move(*id);
  next->broker_configs = std::make_shared<const named_overrides>(std::move(*configs));
  next->group_configs = std::make_shared<const named_overrides>(std::move(*groups));
  next->quotas = std::make_shared<const client_quotas>(std::move(*quotas));
  for (topic& one : *topics) {
    next->topics.put(std::make_shared<const topic>(std::move(one)));
  }
  newest = std::move(next);
  deletions = std::move(*marked);
  co_return {};
}

task<result<>> controller::state::adopt(std::vector<found_topic> topics) {
  auto next = std::make_shared<image>(*newest);
  std::vector<topic_ptr> adopted;
  for (const found_topic& found : topics) {
    auto planned = detail::plan_found_topic(*next, found, options.broker_id, term.epoch);
    if (!planned) {
      co_return std::unexpected(std::move(planned.error()));
    }
    next->topics.put(adopted.emplace_back(std::make_shared<const topic>(std::move(*planned))));
  }
  for (const result<>& written : co_await detail::write_new_topics(*session, adopted, term)) {
    if (!written) {
      co_return written;
    }
  }
  for (const topic_ptr& one : adopted) {
    log(log_level::info, "cluster", "adopted topic",
        {field("topic", one->name), field("id", one->id.to_string()),
         field("partitions", one->partitions.size())});
  }
  newest = std::move(next);
  co_return {};
}

task<result<>> controller::state::join_cluster() {
  // An earlier session of this broker may need its whole timeout to end.
  const auto deadline = runtime::shard::current().now() + 2 * options.session_timeout;
  broker self{
      .id = options.broker_id, .epoch = -1, .endpoints = options.endpoints, .rack = options.rack};
  const auto epoch = co_await detail::register_broker(*session, self, deadline);
  if (!epoch) {
    co_return std::unexpected(epoch.error());
  }
  self.epoch = *epoch;
  const auto elected = co_await detail::elect(*session, options.broker_id, deadline);
  if (!elected) {
    co_return std::unexpected(elected.error());
  }
  term = *elected;
  auto next = std::make_shared<image>(*newest);
  next->brokers = std::make_shared<const std::map<std::int32_t, broker>>(
      std::map<std::int32_t, broker>{{options.broker_id, std::move(self)}});
  next->controller_id = options.broker_id;
  next->controller_epoch = term.epoch;
  newest = std::move(next);
  co_return {};
}

task<result<>> controller::state::start() {
  if (auto joined = co_await join_cluster(); !joined) {
    co_return joined;
  }
  if (auto finished = co_await finish_deletions(); !finished) {
    co_return finished;
  }
  if (auto elected = co_await elect_leaders(); !elected) {
    co_return elected;
  }
  co_await open_partitions();
  co_await board.publish(newest);
  watchers.spawn(follow_session());
  log(log_level::info, "cluster", "this broker is the controller",
      {field("broker", options.broker_id), field("controller_epoch", term.epoch),
       field("cluster_id", newest->cluster_id), field("topics", newest->topics.size())});
  co_return {};
}

task<result<>> controller::state::finish_deletions() {
  for (const std::string& name : std::vector(deletions)) {
    const topic_ptr doomed = newest->topics.find(name);
    if (doomed) {
      auto next = std::make_shared<image>(*newest);
      next->topics.remove(name);
      newest = std::move(next);
    }
    if (auto finished = co_await finish_deletion(name, doomed); !finished) {
      co_return finished;
    }
  }
  co_return {};
}

task<> controller::state::open_partitions() {
  std::vector<partition_to_open> here;
  for (const topic_ptr& known : newest->topics.all()) {
    for (std::size_t index = 0; index < known->partitions.size(); ++index) {
      if (known->partitions[index].replicas.contains(options.broker_id)) {
        here.push_back({known, static_cast<std::int32_t>(index), false});
      }
    }
  }
  const auto outcomes = co_await host.open_partitions(here);
  auto next = std::make_shared<image>(*newest);
  for (std::size_t i = 0; i < here.size(); ++i) {
    if (!outcomes[i]) {
      log(log_level::error, "cluster", "a partition cannot be opened and has no leader",
          {field("topic", here[i].topic->name), field("partition", here[i].index),
           field("reason", outcomes[i].error().message)});
      auto changed = std::make_shared<topic>(*next->find_topic(here[i].topic->name));
      changed->partitions[here[i].index].leader = no_leader;
      next->topics.put(changed);
    }
  }
  newest = std::move(next);
}

task<result<>> controller::state::rejoin() {
  auto connected = co_await store.connect(options.session_timeout);
  if (!connected) {
    co_return std::unexpected(metastore::to_error(connected.error()));
  }
  session = std::move(*connected);
  if (auto joined = co_await join_cluster(); !joined) {
    co_return joined;
  }
  co_await board.publish(newest);
  co_return {};
}

task<> controller::state::follow_session() {
  while (!is_stopping) {
    const auto event = co_await session->next_event();
    if (is_stopping || event.kind != metastore::event_kind::session_expired) {
      continue;
    }
    log(log_level::warn, "cluster", "the metastore has ended the session; joining again", {});
    // In turn with the changes, which use the session.
    const auto joined = co_await changes.run(rejoin(), runtime::no_deadline);
    if (joined && !*joined && !is_stopping) {
      log(log_level::error, "cluster", "could not join again",
          {field("reason", joined->error().message)});
      co_await runtime::sleep_for(std::chrono::seconds(1));
    }
  }
}

}  // namespace barnabas::cluster
