#include "client/call_routing.h"

#include <algorithm>
#include <array>
#include <span>

#include "client/place_lookup.h"
#include "rpc/backoff.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// Not every broker knows a topic at once that another one has just made.
constexpr auto patience_with_unknown = std::chrono::seconds(1);
constexpr std::int32_t anyone = -1;

// What a broker says that it will not say for long.
constexpr std::array passing_codes{error_code::not_controller,
                                   error_code::not_coordinator,
                                   error_code::coordinator_not_available,
                                   error_code::coordinator_load_in_progress,
                                   error_code::not_leader_or_follower,
                                   error_code::leader_not_available,
                                   error_code::fenced_leader_epoch,
                                   error_code::unknown_leader_epoch,
                                   error_code::throttling_quota_exceeded,
                                   error_code::concurrent_transactions};

// One call on its way.
class carrier {
 public:
  carrier(cluster& cluster, routed_call& call);
  runtime::task<result<>> run();

 private:
  using key_list = std::vector<std::size_t>;

  runtime::task<> round();
  runtime::task<> place_at_controller(const key_list& keys);
  runtime::task<> place_at_leaders(const key_list& keys);
  runtime::task<> place_at_coordinators(coordinator_type type, const key_list& keys);
  void place(std::size_t key, const result<std::int32_t>& at);
  runtime::task<bool> ask(std::int32_t broker, key_list some);
  runtime::task<result<connection_ptr>> connect(std::int32_t broker);
  // Nobody could be asked: whether the keys stay open is up to the error.
  void lose(std::span<const std::size_t> keys, const error& why);
  // A broker has said something of a key: if it may say something else soon, it is asked again.
  void keep_open(std::size_t key, error_code code);
  // For one request.
  runtime::steady_time patience() const {
    return std::min(deadline_, here_.now() + cluster_.settings().attempt_timeout);
  }

  runtime::shard& here_;
  cluster& cluster_;
  routed_call& call_;
  runtime::steady_time begun_;
  runtime::steady_time deadline_;
  std::uint64_t refreshes_;
  key_list open_;
  key_list still_open_;
  std::map<std::int32_t, key_list> places_;  // of the keys of this round, by broker
  bool was_heard_ = false;                   // a broker has said something of a key
  error last_error_;
};

carrier::carrier(cluster& cluster, routed_call& call)
    : here_(runtime::shard::current()),
      cluster_(cluster),
      call_(call),
      begun_(here_.now()),
      deadline_(begun_ + cluster.settings().request_timeout),
      refreshes_(cluster.refreshes()) {
  for (std::size_t key = 0; key < call.keys(); ++key) {
    open_.push_back(key);
  }
}

runtime::task<result<>> carrier::run() {
  if (open_.empty()) {
    co_return result<>{};
  }
  rpc::backoff pause(cluster_.settings().first_retry_backoff,
                     cluster_.settings().most_retry_backoff);
  for (;;) {
    co_await round();
    open_ = std::exchange(still_open_, {});
    const auto until = here_.now() + pause.next(here_.random());
    if (open_.empty() || until >= deadline_) {
      break;
    }
    cluster_.refresh_soon();
    while (here_.now() < until && !cluster_.tasks().is_stopping()) {
      co_await cluster_.changed().wait_until(until);
    }
    if (cluster_.tasks().is_stopping()) {
      break;
    }
  }
  co_return was_heard_ ? result<>() : fail(last_error_);
}

runtime::task<> carrier::round() {
  std::map<call_target, key_list> by_target;
  for (const std::size_t key : open_) {
    by_target[call_.route(key).target].push_back(key);
  }
  places_.clear();
  for (const auto& [target, keys] : by_target) {
    switch (target) {
      case call_target::any_broker:
        places_[anyone] = keys;
        break;
      case call_target::one_broker:
        for (const std::size_t key : keys) {
          places_[call_.route(key).number].push_back(key);
        }
        break;
      case call_target::controller:
        co_await place_at_controller(keys);
        break;
      case call_target::leader:
        co_await place_at_leaders(keys);
        break;
      case call_target::group_coordinator:
        co_await place_at_coordinators(coordinator_type::group, keys);
        break;
      case call_target::transaction_coordinator:
        co_await place_at_coordinators(coordinator_type::transaction, keys);
        break;
    }
  }
  std::vector<runtime::task<bool>> asking;
  for (auto& [broker, keys] : places_) {
    asking.push_back(ask(broker, std::move(keys)));
  }
  co_await runtime::when_all(std::move(asking));
}

runtime::task<> carrier::place_at_controller(const key_list& keys) {
  while (cluster_.controller() < 0 && !cluster_.tasks().is_stopping()) {
    if (!co_await cluster_.changed().wait_until(deadline_)) {
      lose(keys, {error_code::request_timed_out,
                  "no broker says who the controller is" +
                      (cluster_.trouble().empty() ? "" : ": " + cluster_.trouble())});
      co_return;
    }
  }
  for (const std::size_t key : keys) {
    places_[cluster_.controller()].push_back(key);
  }
}

runtime::task<> carrier::place_at_leaders(const key_list& keys) {
  std::set<topic_partition> names;
  for (const std::size_t key : keys) {
    const call_route route = call_.route(key);
    names.insert({route.name, route.number});
  }
  const auto found = co_await find_leaders(cluster_, std::move(names), patience());
  if (!found) {
    lose(keys, found.error());
    co_return;
  }
  for (const std::size_t key : keys) {
    const call_route route = call_.route(key);
    place(key, found->at({route.name, route.number}));
  }
}

runtime::task<> carrier::place_at_coordinators(coordinator_type type, const key_list& keys) {
  std::set<std::string> names;
  for (const std::size_t key : keys) {
    names.insert(call_.route(key).name);
  }
  const auto found = co_await find_coordinators(cluster_, type, std::move(names), patience());
  if (!found) {
    lose(keys, found.error());
    co_return;
  }
  for (const std::size_t key : keys) {
    const std::string name = call_.route(key).name;
    const auto at = found->find(name);
    place(key, at != found->end() ? at->second
                                  : fail(error_code::coordinator_not_available,
                                         "no broker says who coordinates " + name));
  }
}

void carrier::place(std::size_t key, const result<std::int32_t>& at) {
  was_heard_ = true;
  if (at) {
    places_[*at].push_back(key);
    return;
  }
  call_.fail(key, at.error());
  keep_open(key, at.error().code);
}

runtime::task<result<connection_ptr>> carrier::connect(std::int32_t broker) {
  if (broker == anyone) {
    co_return co_await cluster_.any_connection(deadline_);
  }
  // One that is not known may be new: the brokers are asked for once more.
  while (!cluster_.has_broker(broker) && cluster_.refreshes() == refreshes_ &&
         !cluster_.tasks().is_stopping()) {
    cluster_.refresh_soon();
    if (!co_await cluster_.changed().wait_until(deadline_)) {
      break;
    }
  }
  co_return co_await cluster_.connection_to(broker, deadline_);
}

runtime::task<bool> carrier::ask(std::int32_t broker, key_list some) {
  const auto connection = co_await connect(broker);
  if (!connection) {
    lose(some, connection.error());
    co_return false;
  }
  const auto answered = co_await call_.ask(*connection, some, patience());
  if (!answered) {
    lose(some, answered.error());
    co_return false;
  }
  was_heard_ = true;
  for (const std::size_t key : some) {
    keep_open(key, call_.code(key));
  }
  co_return true;
}

void carrier::lose(std::span<const std::size_t> keys, const error& why) {
  last_error_ = why;
  for (const std::size_t key : keys) {
    call_.fail(key, why);
    const bool may_move = call_.route(key).target != call_target::one_broker;
    if (is_retriable(why.code) || (why.code == error_code::broker_not_available && may_move)) {
      still_open_.push_back(key);
    }
  }
}

void carrier::keep_open(std::size_t key, error_code code) {
  const bool may_be_new = code == error_code::unknown_topic_or_partition &&
                          call_.route(key).target == call_target::leader &&
                          here_.now() - begun_ < patience_with_unknown;
  if (may_be_new || std::ranges::find(passing_codes, code) != passing_codes.end()) {
    still_open_.push_back(key);
  }
}

}  // namespace

runtime::task<result<>> carry_out(cluster& cluster, routed_call& call) {
  carrier it(cluster, call);
  co_return co_await it.run();
}

runtime::task<result<std::vector<std::int32_t>>> all_brokers(cluster& cluster) {
  const auto deadline = runtime::shard::current().now() + cluster.settings().request_timeout;
  while (cluster.refreshes() == 0 && !cluster.tasks().is_stopping()) {
    if (!co_await cluster.changed().wait_until(deadline)) {
      co_return fail(
          error_code::request_timed_out,
          "no broker answers" + (cluster.trouble().empty() ? "" : ": " + cluster.trouble()));
    }
  }
  co_return cluster.brokers();
}

}  // namespace barnabas::client
