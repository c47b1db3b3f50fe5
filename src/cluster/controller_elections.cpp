#include "base/log.h"
#include "cluster/detail/controller_state.h"
#include "cluster/detail/leader_election.h"
#include "cluster/detail/topic_nodes.h"

namespace barnabas::cluster {

using runtime::task;

task<result<>> controller::state::elect_leaders() {
  auto next = std::make_shared<image>(*newest);
  for (const topic_ptr& known : newest->topics.all()) {
    const bool may_be_unclean = detail::may_be_unclean(*known, *newest, options.broker_id,
                                                       options.is_unclean_election_enabled);
    std::shared_ptr<topic> changed;
    std::vector<std::int32_t> indexes;
    for (std::size_t index = 0; index < known->partitions.size(); ++index) {
      partition after = known->partitions[index];
      if (detail::elect_leader(after, *newest, term.epoch, may_be_unclean)) {
        changed = changed ? changed : std::make_shared<topic>(*known);
        changed->partitions[index] = std::move(after);
        indexes.push_back(static_cast<std::int32_t>(index));
      }
    }
    if (changed) {
      if (auto written = co_await detail::write_states(*session, changed, std::move(indexes), term);
          !written) {
        co_return written;
      }
      next->topics.put(changed);
    }
  }
  newest = std::move(next);
  co_return {};
}

task<std::vector<result<>>> controller::state::elect_on_demand(
    std::vector<topic_partition> partitions, bool is_unclean) {
  std::vector<result<>> answers;
  for (const topic_partition& one : partitions) {
    answers.push_back(co_await elect_on_demand(one, is_unclean));
  }
  co_return answers;
}

task<result<>> controller::state::elect_on_demand(topic_partition name, bool is_unclean) {
  const topic_ptr known = newest->topics.find(name.topic);
  if (!known || known->find(name.partition) == nullptr) {
    co_return fail(error_code::unknown_topic_or_partition,
                   "there is no partition " + name.to_string());
  }
  partition after = *known->find(name.partition);
  auto elected =
      detail::elect_on_demand(after, *newest, term.epoch,
                              is_unclean ? detail::election::unclean : detail::election::preferred);
  if (!elected) {
    co_return elected;
  }
  auto changed = std::make_shared<topic>(*known);
  changed->partitions[static_cast<std::size_t>(name.partition)] = after;
  if (auto written = co_await detail::write_states(*session, changed, {name.partition}, term);
      !written) {
    co_return written;
  }
  const auto opened = co_await open({changed}, static_cast<std::size_t>(name.partition));
  log(log_level::info, "cluster", "elected leader on demand",
      {field("partition", name.to_string()), field("leader", after.leader),
       field("leader_epoch", after.leader_epoch)});
  co_return opened.front()
      ? result<>{}
      : fail(error_code::eligible_leaders_not_available, opened.front().error().message);
}

}  // namespace barnabas::cluster
