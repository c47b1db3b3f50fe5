#include "client/consumer_core.h"

#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// How long a consumer that goes waits for its last commit and for leaving.
constexpr auto patience_on_stopping = std::chrono::seconds(5);

error no_group() {
  return {error_code::invalid_group_id, "group.id is not set"};
}

}  // namespace

consumer_core::consumer_core(runtime::world& world, consumer_configuration settings)
    : settings_(std::move(settings)),
      cluster_(world, settings_.cluster),
      session_(cluster_, settings_.group.id, settings_.group.instance_id),
      offsets_(cluster_, session_, !settings_.reads_uncommitted),
      fetcher_(cluster_, queue_, has_group() ? &offsets_ : nullptr, settings_),
      member_(cluster_, session_, offsets_, fetcher_, queue_, settings_) {}

void consumer_core::start() {
  cluster_.start();
  fetcher_.start();
  member_.start();
  if (commits_automatically()) {
    tasks_.spawn(commit_regularly());
  }
}

runtime::task<> consumer_core::stop() {
  co_await close(runtime::shard::current().now() + patience_on_stopping);
  tasks_.stop();
  co_await fetcher_.stop();
  co_await member_.stop();
  co_await tasks_.join();
}

runtime::task<result<>> consumer_core::close(runtime::steady_time deadline) {
  if (std::exchange(is_closed_, true)) {
    co_return result<>{};
  }
  co_return co_await unsubscribe(deadline);
}

runtime::task<result<>> consumer_core::assign(std::vector<topic_partition> partitions) {
  result<> done;
  if (member_.is_subscribed()) {
    done =
        co_await unsubscribe(runtime::shard::current().now() + settings_.cluster.request_timeout);
  }
  fetcher_.assign(partitions);
  co_return done;
}

result<> consumer_core::subscribe(const std::vector<std::string>& topics) {
  if (!has_group()) {
    return fail(no_group());
  }
  auto wanted = subscription::parse(topics);
  if (!wanted) {
    return fail(std::move(wanted.error()));
  }
  if (!member_.is_subscribed()) {
    fetcher_.assign({});
  }
  member_.subscribe(std::move(*wanted));
  return {};
}

runtime::task<result<>> consumer_core::unsubscribe(runtime::steady_time deadline) {
  result<> done;
  const bool was_subscribed = member_.is_subscribed();
  member_.begin_leaving();
  if (commits_automatically()) {
    done = co_await commit_processed(deadline);
  }
  if (was_subscribed) {
    co_await member_.leave(deadline);
  } else {
    fetcher_.assign({});
  }
  co_return done;
}

runtime::task<result<>> consumer_core::commit(committed_places places,
                                              runtime::steady_time deadline) {
  if (!has_group()) {
    co_return fail(no_group());
  }
  auto done = co_await offsets_.commit(places, deadline);
  if (done) {
    fetcher_.note_committed(places);
  }
  co_return done;
}

void consumer_core::commit_soon(committed_places places,
                                std::function<void(const result<>&)> told) {
  tasks_.spawn(commit_and_tell(std::move(places), std::move(told)));
}

runtime::task<> consumer_core::commit_and_tell(committed_places places,
                                               std::function<void(const result<>&)> told) {
  const auto deadline = runtime::shard::current().now() + settings_.cluster.request_timeout;
  told(co_await commit(std::move(places), deadline));
}

runtime::task<result<committed_places>> consumer_core::committed(
    std::vector<topic_partition> partitions, runtime::steady_time deadline) {
  if (!has_group()) {
    co_return fail(no_group());
  }
  co_return co_await offsets_.fetch(std::move(partitions), deadline);
}

runtime::task<result<>> consumer_core::commit_processed(runtime::steady_time deadline) {
  co_return co_await commit(fetcher_.processed(fetcher_.assigned()), deadline);
}

// What is refused is tried again with what has been processed by then.
runtime::task<> consumer_core::commit_regularly() {
  runtime::shard& here = runtime::shard::current();
  while (!tasks_.is_stopping()) {
    co_await tasks_.stopped().wait_until(here.now() + settings_.group.commit_interval);
    if (!tasks_.is_stopping()) {
      co_await commit_processed(here.now() + settings_.cluster.request_timeout);
    }
  }
}

}  // namespace barnabas::client
