// The partitions of one internal topic that this broker leads, each with the machine that runs over
// it. One table a shard, touched only there; a machine is started when its partition is opened as a
// leader, in the background, and closed with it. Keys (group ids) belong to partitions by hash.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/closing_call.h"
#include "broker/coordinator_log.h"
#include "broker/partition_directory.h"
#include "broker/request.h"
#include "cluster/image_board.h"
#include "coordinator/replicated.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"

namespace barnabas::broker {

// How long a call may wait, and for whom. With `closing` no longer than its connection lives: for
// answers that may take minutes. With `owners` the connection learns which shard answers it.
struct call_terms {
  runtime::steady_time deadline;
  network::closing_signal* closing = nullptr;
  owner_streak* owners = nullptr;
};

class coordinators final : public partition_observer {
 public:
  using machine_maker =
      std::function<std::unique_ptr<coordinator::machine>(std::int32_t partition)>;

  // All outlive it.
  coordinators(std::string topic, const partition_directory& partitions,
               const cluster::image_board& images, std::int32_t broker_id,
               coordinator_log::rules how, machine_maker make);
  ~coordinators();

  const std::string& topic() const { return topic_; }

  // On the owner's shard; see partition_observer.
  void opened(const uuid& topic_id, const partition_ptr& partition) override;
  runtime::task<> closed(const topic_partition& name) override;

  // Calls the machine of the key's partition on its shard and brings the answer back. `what` and T
  // cross shards: values, and views of bytes that live until the call returns and do not change.
  // Errors: COORDINATOR_NOT_AVAILABLE (the topic is not there), NOT_COORDINATOR, those of
  // coordinator::replicated::run() and the machine's own.
  template <class T>
  runtime::task<result<T>> call(std::string_view key, coordinator::replicated::call<T> what,
                                call_terms terms) const;
  // Calls every machine that this broker leads; no particular order.
  template <class T, class Call>
  runtime::task<std::vector<result<T>>> call_all(Call what, call_terms terms) const;

 private:
  struct alignas(64) table {
    std::unordered_map<std::int32_t, std::unique_ptr<coordinator::replicated>> machines;
    runtime::task_group retiring{"coordinators"};
  };
  struct place {
    std::int32_t partition = 0;
    runtime::shard* owner = nullptr;
  };

  table& here() const {
    return *tables_[static_cast<std::size_t>(runtime::shard::current().index())];
  }
  result<place> place_of(std::string_view key) const;
  // Null when this broker does not lead it.
  coordinator::replicated* find(std::int32_t partition) const;
  template <class T>
  runtime::task<result<T>> call_here(std::int32_t partition, coordinator::replicated::call<T> what,
                                     runtime::steady_time deadline,
                                     coordinator::cancellation* cancel) const;
  template <class T, class Call>
  runtime::task<std::vector<result<T>>> call_all_here(Call what,
                                                      runtime::steady_time deadline) const;

  std::string topic_;
  const partition_directory& partitions_;
  const cluster::image_board& images_;
  std::int32_t broker_id_;
  coordinator_log::rules rules_;
  machine_maker make_;
  std::vector<std::unique_ptr<table>> tables_;
};

template <class T>
runtime::task<result<T>> coordinators::call_here(std::int32_t partition,
                                                 coordinator::replicated::call<T> what,
                                                 runtime::steady_time deadline,
                                                 coordinator::cancellation* cancel) const {
  coordinator::replicated* machine = find(partition);
  if (machine == nullptr) {
    co_return fail(error_code::not_coordinator);
  }
  co_return co_await machine->run<T>(std::move(what), deadline, cancel);
}

template <class T>
runtime::task<result<T>> coordinators::call(std::string_view key,
                                            coordinator::replicated::call<T> what,
                                            call_terms terms) const {
  const auto found = place_of(key);
  if (!found) {
    co_return fail(found.error());
  }
  if (terms.owners != nullptr) {
    terms.owners->note(found->owner->index());
  }
  const auto go = [&](coordinator::cancellation* cancel) {
    return runtime::on_shard(*found->owner, [this, &what, &found, &terms, cancel] {
      return call_here<T>(found->partition, std::move(what), terms.deadline, cancel);
    });
  };
  if (terms.closing == nullptr) {
    co_return co_await go(nullptr);
  }
  closing_call watched(*terms.closing, *found->owner);
  result<T> answer = co_await go(&watched.cancel());
  co_await watched.end();
  co_return answer;
}

template <class T, class Call>
runtime::task<std::vector<result<T>>> coordinators::call_all_here(
    Call what, runtime::steady_time deadline) const {
  std::vector<runtime::task<result<T>>> calls;
  for (const auto& [partition, machine] : here().machines) {
    calls.push_back(machine->run<T>(what, deadline));
  }
  if (calls.empty()) {
    co_return std::vector<result<T>>();
  }
  co_return co_await runtime::when_all(std::move(calls));
}

template <class T, class Call>
runtime::task<std::vector<result<T>>> coordinators::call_all(Call what, call_terms terms) const {
  std::vector<result<T>> all;
  for (int shard = 0; shard < partitions_.world().shard_count(); ++shard) {
    auto answers = co_await runtime::on_shard(partitions_.world().shard_at(shard),
                                              [this, &what, deadline = terms.deadline] {
                                                return call_all_here<T, Call>(what, deadline);
                                              });
    for (result<T>& each : answers) {
      all.push_back(std::move(each));
    }
  }
  co_return all;
}

}  // namespace barnabas::broker
