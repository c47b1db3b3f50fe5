// Runs one machine over one partition (coordinator/machine.h): loads it, appends what calls want
// appended, releases answers when they may leave, wakes it at its deadlines, and makes a new one
// from the log after a failure. Lives on the partition's owner shard from start() to join();
// callers may wait on after that, with NOT_COORDINATOR.
//
// Always true: what the machine has replayed is the log up to its end, then what waits for its
// append, in this order. Answers leave in the order of their calls, each when everything that was
// appended up to its call is committed; at once when nothing is under way.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "coordinator/detail/append_queue.h"
#include "coordinator/machine.h"
#include "coordinator/partition_log.h"
#include "coordinator/waiter.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/time.h"
#include "runtime/wait.h"

namespace barnabas::coordinator {

class replicated {
 public:
  enum class phase : std::uint8_t {
    loading,  // COORDINATOR_LOAD_IN_PROGRESS, also between a failure and the new machine
    active,
    failed,  // the log cannot be understood: NOT_COORDINATOR until it is opened anew
    closed,  // NOT_COORDINATOR
  };
  template <class T>
  using call = std::move_only_function<void(machine&, moment, effects&, reply_to<T>)>;

  replicated(std::unique_ptr<partition_log> log, std::function<std::unique_ptr<machine>()> make);
  ~replicated();
  replicated(const replicated&) = delete;
  replicated& operator=(const replicated&) = delete;

  void start();
  // At once: everybody who waits gets NOT_COORDINATOR. join() afterwards, when the partition has
  // been closed too.
  void close();
  runtime::task<> join() { return tasks_.join(); }

  phase state() const { return phase_; }
  std::int32_t leader_epoch() const { return epoch_; }

  // Calls the machine and returns what it answers, when that may be known. Errors beside the
  // machine's own: COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE (not
  // enough replicas), MESSAGE_TOO_LARGE and RECORD_LIST_TOO_LARGE (the call's records; nothing of
  // them has been replayed), REQUEST_TIMED_OUT (the deadline, or `cancel`; the call may still take
  // effect).
  template <class T>
  runtime::task<result<T>> run(call<T> what, runtime::steady_time deadline,
                               cancellation* cancel = nullptr) {
    if (auto ready = check_ready(); !ready) {
      co_return fail(std::move(ready.error()));
    }
    auto waiting = std::make_shared<waiter<T>>();
    apply([&](moment now, effects& out) {
      what(*machine_, now, out,
           reply_to<T>([waiting](result<T> answer) { waiting->deliver(std::move(answer)); }));
    });
    // From here on this object may go.
    co_return co_await waiter<T>::wait(std::move(waiting), deadline, cancel);
  }

 private:
  // Answers that may leave when everything below end_offset is committed.
  struct parked {
    std::int64_t end_offset = 0;
    std::vector<effects::release> answers;
  };

  result<> check_ready();
  template <class Step>
  void apply(Step&& step) {
    effects out;
    const moment now = clock();
    step(now, out);
    take(std::move(out), now);
  }
  static moment clock();
  void take(effects out, moment now);
  void replay(const std::vector<new_record>& records, moment now);
  void park(std::vector<effects::release> answers);

  runtime::task<> live();
  runtime::task<bool> load_machine();
  runtime::task<bool> append_loop();
  runtime::task<bool> commit_loop();
  runtime::task<bool> time_loop();
  void fail_with(error reason);
  void drop(const error& reason);

  std::unique_ptr<partition_log> log_;
  std::function<std::unique_ptr<machine>()> make_;
  std::unique_ptr<machine> machine_;
  phase phase_ = phase::closed;
  std::int32_t epoch_ = -1;  // in which the machine was loaded

  append_queue queue_;
  std::deque<parked> parked_;
  std::int64_t next_offset_ = 0;       // of the next record that a call brings
  std::optional<appended> appended_;   // the newest
  std::int64_t committed_offset_ = 0;  // below it everything is
  std::int64_t armed_ms_ = 0;          // when time_loop() looks again, in steady ms

  std::optional<error> ending_;  // the loops end, and the machine is dropped
  runtime::condition has_records_;
  runtime::condition has_appended_;
  runtime::condition has_new_deadline_;
  runtime::condition is_ending_;
  runtime::task_group tasks_{"coordinator"};
};

}  // namespace barnabas::coordinator
