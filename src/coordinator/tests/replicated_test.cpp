#include "coordinator/replicated.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "coordinator/tests/memory_log.h"
#include "record/control_record.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::coordinator {
namespace {

using runtime::task;
using std::chrono::milliseconds;
using testing::counters;
using testing::memory_disk;
using testing::memory_log;
using answer = result<std::int64_t>;

// One partition and its machine, on one shard of a simulated machine.
struct fixture {
  memory_disk disk;
  counters* machine = nullptr;  // the newest
  int made = 0;
  std::unique_ptr<replicated> runtime;
  runtime::task_group calls{"calls"};

  void open() {
    runtime = std::make_unique<replicated>(std::make_unique<memory_log>(disk), [this] {
      auto next = std::make_unique<counters>();
      machine = next.get();
      ++made;
      return next;
    });
    runtime->start();
  }
  task<> close() {
    runtime->close();
    disk.lead_in(-1);
    co_await runtime->join();
    co_await calls.join();
    runtime.reset();
  }
  task<> until_active() {
    while (runtime->state() == replicated::phase::loading) {
      co_await runtime::sleep_for(milliseconds(10));
    }
  }

  task<answer> add(std::string key, std::int64_t count = 1,
                   runtime::steady_time deadline = runtime::no_deadline,
                   cancellation* cancel = nullptr) {
    return runtime->run<std::int64_t>(
        [key, count](machine_base& m, moment, effects& out, reply_to<std::int64_t> to) {
          static_cast<counters&>(m).add(key, count, out, std::move(to));
        },
        deadline, cancel);
  }
  task<answer> get(std::string key) {
    return runtime->run<std::int64_t>(
        [key](machine_base& m, moment, effects& out, reply_to<std::int64_t> to) {
          out.answer(std::move(to), static_cast<counters&>(m).get(key));
        },
        runtime::no_deadline);
  }
  // Waits until somebody else answers.
  task<answer> park(runtime::steady_time deadline = runtime::no_deadline,
                    cancellation* cancel = nullptr) {
    return runtime->run<std::int64_t>(
        [](machine_base& m, moment, effects&, reply_to<std::int64_t> to) {
          static_cast<counters&>(m).waiting.push_back(std::move(to));
        },
        deadline, cancel);
  }
  // Starts a call whose answer the test looks at later.
  std::shared_ptr<std::optional<answer>> begin(task<answer> call) {
    auto into = std::make_shared<std::optional<answer>>();
    calls.spawn(store(std::move(call), into));
    return into;
  }

 private:
  using machine_base = coordinator::machine;
  static task<> store(task<answer> call, std::shared_ptr<std::optional<answer>> into) {
    into->emplace(co_await std::move(call));
  }
};

error_code code_of(const answer& from) {
  return from ? error_code::none : from.error().code;
}

task<> main_of(task<> (*body)(fixture&), bool& has_ended) {
  fixture f;
  co_await body(f);
  if (f.runtime) {
    co_await f.close();
  }
  has_ended = true;
}

void run(task<> (*body)(fixture&)) {
  set_log_level(log_level::off);
  runtime::simulated::simulation simulation(1);
  bool has_ended = false;
  simulation.add_machine("a", 1).start(
      [body, &has_ended](runtime::world&) { return main_of(body, has_ended); });
  EXPECT_TRUE(simulation.run_until([&] { return has_ended; }, std::chrono::minutes(10)));
}

std::vector<std::byte> batch(std::vector<record::new_record> records,
                             record::batch_settings settings = {}) {
  record::batch_builder builder(settings);
  for (const record::new_record& each : records) {
    builder.append(each);
  }
  return builder.build();
}

record::new_record record_of(std::string_view key, std::string_view value) {
  record::new_record out;
  out.timestamp = 7;
  out.key = as_bytes(key);
  out.value = as_bytes(value);
  return out;
}

task<> answers_wait_for_the_commit(fixture& f) {
  f.open();
  co_await f.until_active();
  f.disk.commit(false);
  const auto added = f.begin(f.add("a"));
  const auto read = f.begin(f.get("a"));
  co_await runtime::sleep_for(milliseconds(100));
  EXPECT_FALSE(added->has_value());
  EXPECT_FALSE(read->has_value()) << "nobody may hear of what may be lost";
  f.disk.commit(true);
  co_await runtime::sleep_for(milliseconds(100));
  EXPECT_EQ(added->value(), 1);
  EXPECT_EQ(read->value(), 1);
}
TEST(replicated, answers_wait_for_the_commit) {
  run(answers_wait_for_the_commit);
}

task<> with_nothing_under_way_an_answer_leaves_at_once(fixture& f) {
  f.open();
  co_await f.until_active();
  co_await f.add("a");
  f.disk.commit(false);
  const auto read = f.begin(f.get("a"));
  EXPECT_TRUE(read->has_value());
}
TEST(replicated, with_nothing_under_way_an_answer_leaves_at_once) {
  run(with_nothing_under_way_an_answer_leaves_at_once);
}

task<> calls_of_one_moment_share_an_append_and_see_each_other(fixture& f) {
  f.open();
  co_await f.until_active();
  std::vector<task<answer>> calls;
  for (int i = 0; i < 100; ++i) {
    calls.push_back(f.add("a"));
  }
  const auto answers = co_await runtime::when_all(std::move(calls));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(answers[static_cast<std::size_t>(i)], i + 1);
  }
  EXPECT_EQ(f.disk.appends, 1);
  EXPECT_EQ(f.disk.batches.size(), 1u);
}
TEST(replicated, calls_of_one_moment_share_an_append_and_see_each_other) {
  run(calls_of_one_moment_share_an_append_and_see_each_other);
}

task<answer> add_many(fixture& f, int records, std::size_t bytes) {
  return f.runtime->run<std::int64_t>(
      [records, bytes](machine&, moment, effects& out, reply_to<std::int64_t> to) {
        for (int i = 0; i < records; ++i) {
          out.append({std::string(bytes, 'k'), std::to_string(i)});
        }
        out.answer(std::move(to), std::int64_t{records});
      },
      runtime::no_deadline);
}

task<> records_of_one_call_stand_in_one_batch(fixture& f) {
  f.disk.limits.max_batch_bytes = 1'000;
  f.disk.limits.max_append_bytes = 2'500;
  f.open();
  co_await f.until_active();
  std::vector<task<answer>> calls;
  for (int i = 0; i < 10; ++i) {
    calls.push_back(add_many(f, 3, 200));
  }
  for (const answer& each : co_await runtime::when_all(std::move(calls))) {
    EXPECT_EQ(each, 3);
  }
  EXPECT_EQ(f.disk.batches.size(), 10u);
  for (const auto& each : f.disk.batches) {
    EXPECT_EQ(record::batch_view::parse(each)->record_count(), 3);
    EXPECT_LE(each.size(), 1'000u);
  }
  EXPECT_EQ(f.disk.appends, 4) << "three batches fit into segment.bytes";
}
TEST(replicated, records_of_one_call_stand_in_one_batch) {
  run(records_of_one_call_stand_in_one_batch);
}

task<> what_is_too_large_is_refused_and_leaves_no_trace(fixture& f) {
  f.disk.limits.max_batch_bytes = 1'000;
  f.open();
  co_await f.until_active();
  const auto before = f.begin(f.add("a"));
  const auto large = f.begin(add_many(f, 5, 300));
  const auto after = f.begin(f.add("a"));
  co_await runtime::sleep_for(milliseconds(10));
  EXPECT_EQ(before->value(), 1);
  EXPECT_EQ(code_of(large->value()), error_code::message_too_large);
  EXPECT_EQ(after->value(), 2);
  EXPECT_EQ(f.machine->values.size(), 1u);
  f.disk.limits = {.max_batch_bytes = 10'000, .max_append_bytes = 1'000, .compression = {}};
  EXPECT_EQ(code_of(co_await add_many(f, 5, 300)), error_code::record_list_too_large);
  f.disk.limits.compression = {record::compression_type::zstd, 3};
  EXPECT_EQ(co_await add_many(f, 5, 300), 5) << "compressed it fits";
  EXPECT_EQ(f.made, 1);
}
TEST(replicated, what_is_too_large_is_refused_and_leaves_no_trace) {
  run(what_is_too_large_is_refused_and_leaves_no_trace);
}

task<> a_failed_append_drops_the_machine_and_loads_another(fixture& f) {
  f.open();
  co_await f.until_active();
  EXPECT_EQ(co_await f.add("a"), 1);
  const auto parked = f.begin(f.park());
  f.disk.append_failure = error{error_code::kafka_storage_error, "no space", 28};
  EXPECT_EQ(code_of(co_await f.add("a", 10)), error_code::not_coordinator);
  co_await runtime::yield();
  EXPECT_EQ(code_of(parked->value()), error_code::not_coordinator);
  EXPECT_EQ(code_of(co_await f.add("a")), error_code::coordinator_load_in_progress);
  co_await f.until_active();
  EXPECT_EQ(f.made, 2);
  EXPECT_EQ(co_await f.add("a"), 2);
}
TEST(replicated, a_failed_append_drops_the_machine_and_loads_another) {
  run(a_failed_append_drops_the_machine_and_loads_another);
}

task<> what_was_appended_before_a_failure_is_still_answered(fixture& f) {
  f.open();
  co_await f.until_active();
  f.disk.commit(false);
  const auto first = f.begin(f.add("a"));
  co_await runtime::sleep_for(milliseconds(10));
  f.disk.append_failure = error{error_code::not_enough_replicas, {}, 0};
  const auto second = f.begin(f.add("a"));
  co_await runtime::sleep_for(milliseconds(10));
  EXPECT_FALSE(first->has_value());
  f.disk.commit(true);
  co_await runtime::sleep_for(milliseconds(10));
  EXPECT_EQ(first->value(), 1);
  EXPECT_EQ(code_of(second->value()), error_code::coordinator_not_available);
}
TEST(replicated, what_was_appended_before_a_failure_is_still_answered) {
  run(what_was_appended_before_a_failure_is_still_answered);
}

task<> a_failed_commit_answers_nobody_with_success(fixture& f) {
  f.open();
  co_await f.until_active();
  f.disk.commit_failure = error{error_code::kafka_storage_error, "fsync", 5};
  const auto first = f.begin(f.add("a"));
  const auto read = f.begin(f.get("a"));
  co_await runtime::sleep_for(milliseconds(10));
  EXPECT_EQ(code_of(first->value()), error_code::not_coordinator);
  EXPECT_EQ(code_of(read->value()), error_code::not_coordinator);
  co_await f.until_active();
  EXPECT_EQ(co_await f.get("a"), 1) << "it stands in the log, which has been committed meanwhile";
}
TEST(replicated, a_failed_commit_answers_nobody_with_success) {
  run(a_failed_commit_answers_nobody_with_success);
}

task<> another_leader_epoch_loads_what_others_wrote(fixture& f) {
  f.open();
  co_await f.until_active();
  EXPECT_EQ(co_await f.add("a"), 1);
  f.disk.lead_in(5);
  f.disk.add(batch({record_of("a", "40")}));
  EXPECT_EQ(code_of(co_await f.add("a")), error_code::not_coordinator);
  co_await f.until_active();
  EXPECT_EQ(co_await f.add("a"), 41);
  f.disk.lead_in(-1);
  EXPECT_EQ(code_of(co_await f.get("a")), error_code::not_coordinator);
  co_await runtime::sleep_for(milliseconds(500));
  EXPECT_EQ(f.runtime->state(), replicated::phase::closed);
  EXPECT_EQ(f.made, 2);
}
TEST(replicated, another_leader_epoch_loads_what_others_wrote) {
  run(another_leader_epoch_loads_what_others_wrote);
}

task<> an_append_of_somebody_else_is_noticed(fixture& f) {
  f.open();
  co_await f.until_active();
  f.disk.append_time = milliseconds(5);
  const auto added = f.begin(f.add("a"));
  f.disk.add(batch({record_of("a", "40")}));
  co_await runtime::sleep_for(milliseconds(20));
  EXPECT_EQ(code_of(added->value()), error_code::not_coordinator);
  co_await f.until_active();
  EXPECT_EQ(f.made, 2);
}
TEST(replicated, an_append_of_somebody_else_is_noticed) {
  run(an_append_of_somebody_else_is_noticed);
}

task<> what_was_loaded_counts_when_it_is_committed(fixture& f) {
  f.disk.add(batch({record_of("a", "3")}));
  f.disk.commit(false);
  f.open();
  co_await f.until_active();
  const auto read = f.begin(f.get("a"));
  co_await runtime::sleep_for(milliseconds(10));
  EXPECT_FALSE(read->has_value());
  f.disk.commit(true);
  co_await runtime::sleep_for(milliseconds(10));
  EXPECT_EQ(read->value(), 3);
}
TEST(replicated, what_was_loaded_counts_when_it_is_committed) {
  run(what_was_loaded_counts_when_it_is_committed);
}

task<> deadlines_wake_the_machine(fixture& f) {
  f.open();
  co_await f.until_active();
  const auto set_timer = [&f](std::int64_t after_ms) {
    return f.runtime->run<std::int64_t>(
        [after_ms](machine& m, moment now, effects& out, reply_to<std::int64_t> to) {
          static_cast<counters&>(m).due_ms = now.steady_ms + after_ms;
          out.answer(std::move(to), now.steady_ms);
        },
        runtime::no_deadline);
  };
  const std::int64_t begin = *co_await set_timer(5'000);
  co_await set_timer(1'000);
  co_await runtime::sleep_for(milliseconds(900));
  EXPECT_TRUE(f.machine->ticks.empty());
  co_await runtime::sleep_for(milliseconds(200));
  EXPECT_EQ(f.machine->ticks.size(), 1u);
  EXPECT_GE(f.machine->ticks.front(), begin + 1'000);
  EXPECT_EQ(f.machine->get("tick"), 1) << "its records are appended and replayed";
  EXPECT_EQ(co_await f.get("tick"), 1);
  co_await runtime::sleep_for(std::chrono::seconds(20));
  EXPECT_EQ(f.machine->ticks.size(), 1u);
}
TEST(replicated, deadlines_wake_the_machine) {
  run(deadlines_wake_the_machine);
}

task<> loading_reads_all_kinds_of_batches(fixture& f) {
  record::batch_settings zipped;
  zipped.compression = {record::compression_type::lz4, 9};
  f.disk.add(batch({record_of("a", "1"), record_of("?", "0"), record_of("b", "2")}, zipped));
  record::batch_settings transactional;
  transactional.is_transactional = true;
  transactional.producer_id = 9;
  transactional.producer_epoch = 1;
  transactional.base_sequence = 0;
  f.disk.add(batch({record_of("a", "5")}, transactional));
  f.disk.add(record::build_transaction_marker({record::control_type::commit, 0}, 9, 1, 7));
  f.disk.add(batch({record_of("b", "6")}, transactional));
  f.disk.add(record::build_transaction_marker({record::control_type::abort, 0}, 9, 1, 7));
  record::batch_settings idempotent = transactional;
  idempotent.is_transactional = false;
  f.disk.add(batch({record_of("c", "7")}, idempotent));
  record::new_record tombstone = record_of("c", "");
  tombstone.value.reset();
  for (int i = 0; i < 100; ++i) {  // several pieces
    f.disk.add(batch({record_of("d", std::to_string(i))}));
  }
  f.disk.add(batch({tombstone}));
  f.open();
  co_await f.until_active();
  EXPECT_EQ(f.machine->values,
            (std::map<std::string, std::int64_t>{{"a", 5}, {"b", 2}, {"d", 99}}));
  EXPECT_GE(f.machine->loaded_ms, 0);
  EXPECT_EQ(co_await f.add("d"), 100);
  EXPECT_EQ(f.machine->replayed.back(), f.disk.end_offset - 1);
}
TEST(replicated, loading_reads_all_kinds_of_batches) {
  run(loading_reads_all_kinds_of_batches);
}

task<> a_log_with_holes_and_a_moved_start_is_loaded(fixture& f) {
  for (int i = 0; i < 5; ++i) {
    f.disk.add(batch({record_of("a", std::to_string(i)), record_of("b", std::to_string(i))}));
  }
  f.disk.batches.erase(f.disk.batches.begin() + 1);
  f.disk.batches.pop_back();  // compacted away, offsets remain
  f.disk.start_offset = 1;    // in the middle of a batch
  f.open();
  co_await f.until_active();
  EXPECT_EQ(f.machine->replayed, (std::vector<std::int64_t>{1, 4, 5, 6, 7}));
  EXPECT_EQ(co_await f.add("a"), 4);
  EXPECT_EQ(f.machine->replayed.back(), 10);
}
TEST(replicated, a_log_with_holes_and_a_moved_start_is_loaded) {
  run(a_log_with_holes_and_a_moved_start_is_loaded);
}

task<> a_damaged_batch_fails_the_partition(fixture& f) {
  f.disk.add(batch({record_of("a", "1")}));
  f.disk.batches.front().back() ^= std::byte{1};
  f.open();
  co_await f.until_active();
  EXPECT_EQ(f.runtime->state(), replicated::phase::failed);
  EXPECT_EQ(code_of(co_await f.get("a")), error_code::not_coordinator);
  co_await runtime::sleep_for(std::chrono::minutes(1));
  EXPECT_EQ(f.made, 1);
}
TEST(replicated, a_damaged_batch_fails_the_partition) {
  run(a_damaged_batch_fails_the_partition);
}

task<> a_read_that_fails_is_tried_again(fixture& f) {
  f.disk.add(batch({record_of("a", "1")}));
  f.disk.read_failure = error{error_code::kafka_storage_error, "replaced", 2};
  f.open();
  co_await f.until_active();
  EXPECT_EQ(co_await f.get("a"), 1);
}
TEST(replicated, a_read_that_fails_is_tried_again) {
  run(a_read_that_fails_is_tried_again);
}

task<> waiting_ends_at_the_deadline_by_cancellation_and_by_closing(fixture& f) {
  f.disk.add(batch({record_of("a", "1")}));
  f.open();
  EXPECT_EQ(code_of(co_await f.get("a")), error_code::coordinator_load_in_progress);
  co_await f.until_active();
  const auto now = runtime::shard::current().now();
  EXPECT_EQ(code_of(co_await f.park(now + milliseconds(50))), error_code::request_timed_out);
  EXPECT_GE(runtime::shard::current().now(), now + milliseconds(50));
  cancellation cancel;
  const auto cancelled = f.begin(f.park(runtime::no_deadline, &cancel));
  cancel.cancel();
  co_await runtime::sleep_for(milliseconds(1));
  EXPECT_EQ(code_of(cancelled->value()), error_code::request_timed_out);
  const auto closed = f.begin(f.park());
  f.disk.commit(false);
  const auto uncommitted = f.begin(f.add("a"));
  co_await f.close();
  EXPECT_EQ(code_of(closed->value()), error_code::not_coordinator);
  EXPECT_EQ(code_of(uncommitted->value()), error_code::not_coordinator);
}
TEST(replicated, waiting_ends_at_the_deadline_by_cancellation_and_by_closing) {
  run(waiting_ends_at_the_deadline_by_cancellation_and_by_closing);
}

}  // namespace
}  // namespace barnabas::coordinator
