#include "client/group_member.h"

#include <algorithm>
#include <iterator>

#include "runtime/shard.h"

namespace barnabas::client {
namespace {

std::vector<topic_partition> without(const std::vector<topic_partition>& all,
                                     const std::vector<topic_partition>& these) {
  std::vector<topic_partition> rest;
  std::ranges::set_difference(all, these, std::back_inserter(rest));
  return rest;
}

}  // namespace

group_member::group_member(cluster& cluster, group_session& session, group_offsets& offsets,
                           fetcher& fetcher, fetch_queue& queue,
                           const consumer_configuration& settings)
    : cluster_(cluster),
      session_(session),
      offsets_(offsets),
      fetcher_(fetcher),
      queue_(queue),
      settings_(settings),
      is_cooperative_(std::ranges::all_of(settings.group.strategies, &assignor::is_cooperative)) {}

void group_member::start() {
  tasks_.spawn(run());
  tasks_.spawn(beat());
  tasks_.spawn(watch_topics());
}

runtime::task<> group_member::stop() {
  tasks_.stop();
  wake();
  cluster_.changed().notify_all();
  co_await tasks_.join();
}

void group_member::subscribe(subscription to) {
  subscription_ = std::move(to);
  refreshes_before_ = cluster_.refreshes();
  cluster_.follow_all_topics(subscription_.has_patterns());
  for (const std::string& each : subscription_.topics(cluster_)) {
    cluster_.use(each);
  }
  ask_to_join();
}

void group_member::begin_leaving() {
  subscription_ = {};
  cluster_.follow_all_topics(false);
  if (is_joining_) {
    session_.hang_up();
  }
}

runtime::task<> group_member::leave(runtime::steady_time deadline) {
  begin_leaving();
  const group_session::identity who = session_.me();
  owned_.clear();
  fetcher_.assign({});
  queue_.drop_notices();
  lose(true);
  co_await send_leave(who, deadline, "the consumer unsubscribes or is closed");
}

bool group_member::is_stuck() const {
  return runtime::shard::current().now() - queue_.last_poll() > settings_.group.most_poll_interval;
}

void group_member::ask_to_join() {
  needs_join_ = true;
  wake();
}

// Patterns need to have been looked at.
bool group_member::may_join() const {
  return needs_join_ && is_subscribed() && !is_stuck() && queue_.is_settled() &&
         (!subscription_.has_patterns() || cluster_.refreshes() > refreshes_before_);
}

runtime::task<> group_member::run() {
  runtime::shard& here = runtime::shard::current();
  rpc::backoff pause(cluster_.settings().first_retry_backoff,
                     cluster_.settings().most_retry_backoff);
  while (!tasks_.is_stopping()) {
    if (!may_join()) {
      co_await changed_.wait_until(runtime::no_deadline);
      continue;
    }
    if (const auto joined = co_await rejoin()) {
      pause.succeeded();
      look_at_topics();
    } else {
      co_await after_failure(joined.error(), pause.next(here.random()));
    }
  }
}

// All of it, or with cooperative strategies what is no longer subscribed to.
std::vector<topic_partition> group_member::given_up_before_joining() const {
  const auto wanted = subscription_.topics(cluster_);
  std::vector<topic_partition> given_up;
  std::ranges::copy_if(owned_, std::back_inserter(given_up), [&](const topic_partition& each) {
    return !is_cooperative_ || !std::ranges::binary_search(wanted, each.topic);
  });
  return given_up;
}

runtime::task<result<>> group_member::rejoin() {
  const std::uint64_t before = membership_;
  co_await revoke(given_up_before_joining());
  if (before != membership_ || tasks_.is_stopping()) {
    co_return result<>{};
  }
  needs_join_ = false;
  topics_ = subscription_.topics(cluster_);
  is_joining_ = true;
  const auto joined = co_await join();
  const auto sent = runtime::shard::current().now();
  result<std::vector<topic_partition>> assigned;
  if (joined && before == membership_) {
    assigned = co_await sync(*joined);
  }
  is_joining_ = false;
  wake();
  if (before != membership_) {
    co_return result<>{};
  }
  if (!joined || !assigned) {
    co_return fail(joined ? assigned.error() : joined.error());
  }
  set_heard_at(sent);
  last_beat_ = {};  // the answer may have taken long
  std::ranges::sort(*assigned);
  co_await adopt(std::move(*assigned), session_.me().generation);
  co_return result<>{};
}

runtime::task<> group_member::after_failure(error why, runtime::duration pause) {
  needs_join_ = true;
  session_.learn_from(why.code);
  if (why.code == error_code::fenced_instance_id) {
    end(std::move(why));
    co_return;
  }
  if (why.code == error_code::rebalance_in_progress) {
    co_return;
  }
  if (why.code == error_code::unknown_member_id || why.code == error_code::illegal_generation) {
    lose(why.code == error_code::unknown_member_id);
  } else if (!is_retriable(why.code)) {
    queue_.put({.what = rebalance_notice::kind::trouble, .why = std::move(why)});
  }
  const auto until = runtime::shard::current().now() + pause;
  while (!tasks_.is_stopping() && runtime::shard::current().now() < until) {
    co_await tasks_.stopped().wait_until(until);
  }
}

// Waits until the user has heard of it; what he has processed is committed if that is automatic.
runtime::task<> group_member::revoke(std::vector<topic_partition> partitions) {
  if (partitions.empty()) {
    co_return;
  }
  const std::uint64_t before = membership_;
  fetcher_.withhold(partitions);
  queue_.put({rebalance_notice::kind::revoked, partitions});
  while (!queue_.is_settled() && before == membership_ && !tasks_.is_stopping()) {
    co_await changed_.wait_until(runtime::no_deadline);
  }
  if (settings_.group.commits_automatically && before == membership_) {
    const auto deadline = runtime::shard::current().now() + cluster_.settings().request_timeout;
    co_await offsets_.commit(fetcher_.processed(partitions), deadline);
  }
  if (before == membership_) {
    owned_ = without(owned_, partitions);
    fetcher_.assign(owned_);
  }
}

runtime::task<> group_member::adopt(std::vector<topic_partition> assigned,
                                    std::int32_t generation) {
  const std::uint64_t before = membership_;
  const auto removed = without(owned_, assigned);
  if (!removed.empty()) {
    co_await revoke(removed);
    ask_to_join();  // they are free for others
  }
  if (before != membership_) {
    co_return;
  }
  queue_.put({rebalance_notice::kind::assigned, without(assigned, owned_)});
  owned_ = std::move(assigned);
  last_.owned = owned_;
  last_.generation = generation;
  fetcher_.assign(owned_);
}

void group_member::lose(bool forgets_id) {
  ++membership_;
  session_.set_generation(-1);
  if (forgets_id) {
    session_.set_member_id("");
  }
  is_leader_ = false;
  queue_.set_owned_until(runtime::no_deadline);  // nothing is owned
  if (!owned_.empty()) {
    queue_.put({rebalance_notice::kind::lost, owned_});
    owned_.clear();
    fetcher_.assign({});
  }
  if (is_cooperative_) {
    last_ = {};
  }
  ask_to_join();
}

void group_member::end(error why) {
  lose(true);
  subscription_ = {};
  queue_.put({.what = rebalance_notice::kind::trouble, .why = std::move(why)});
}

// Racks only where some member may be close: without that a replica that moves changes no plan.
group_topics group_member::partitions_of(const std::vector<std::string>& topics) const {
  group_topics found;
  for (const std::string& each : topics) {
    const known_topic* const known = cluster_.find(each);
    if (known == nullptr || known->code == error_code::unknown_topic_or_partition ||
        known->partitions.empty()) {
      continue;
    }
    auto& partitions = found[each];
    partitions.resize(known->partitions.size());
    for (std::size_t i = 0; has_racks_ && i < partitions.size(); ++i) {
      partitions[i] = cluster_.racks_of(known->replicas[i]);
    }
  }
  return found;
}

void group_member::look_at_topics() {
  if (!session_.is_member() || is_joining_ || needs_join_) {
    return;
  }
  const bool has_more = subscription_.has_patterns() && subscription_.topics(cluster_) != topics_;
  if (has_more || (is_leader_ && partitions_of(group_topics_) != planned_for_)) {
    ask_to_join();
  }
}

runtime::task<> group_member::watch_topics() {
  while (!tasks_.is_stopping()) {
    co_await cluster_.changed().wait_until(runtime::no_deadline);
    look_at_topics();
    wake();
  }
}

}  // namespace barnabas::client
