// A log moves to another directory while it is written to, and the machine stops after each step of
// that, one after the other: every time all that was acknowledged is there, in order, and the log
// goes on, in one of the two directories.
#include <fmt/format.h>

#include "base/log.h"
#include "runtime/shard.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "storage/tests/directory_environment.h"

namespace barnabas::storage {
namespace {

using runtime::task;
using runtime::simulated::crash_kind;
using std::chrono::milliseconds;
using testing::known_topics;
using testing::must;

const topic_partition moved{"t", 0};

struct trial {
  explicit trial(std::uint64_t seed = 1) : simulation(seed) {
    options.directories = {"/data/a", "/data/b"};
    auto config = std::make_shared<log_config>();
    config->segment_bytes = 1'000;
    config->file_delete_delay_ms = 1;
    topics.config = config;
    topics.ids["t"] = uuid::from_random(5, 1);
  }

  runtime::simulated::simulation simulation;
  log_manager_options options;
  known_topics topics;
  std::int64_t written = 0;
  std::int64_t acknowledged = 0;
  bool was_asked = false;  // move_log() has returned
  bool is_moving = false;
  bool has_ended = false;
  int directory = -1;  // at the end
};

// A record a batch: its offset, a few times.
std::string value_at(std::int64_t offset) {
  return fmt::format("[{0}/{0}/{0}]", offset);
}

task<result<>> try_to_write_one(trial& in, log_manager& manager, managed_log& log) {
  while (log.is_paused) {
    co_await log.resumed.wait_until(runtime::no_deadline);
  }
  if (auto writable = manager.here().check_writable(log); !writable) {
    co_return writable;
  }
  record::batch_builder builder({});
  const std::string value = value_at(log.log->log_end_offset());
  builder.append({.timestamp = 1'000, .value = as_bytes(value)});
  const auto appended = must(testing::append(log, builder.build()));
  in.written = appended.last_offset + 1;
  log.high_watermark = in.written;
  auto& flusher = manager.here().flusher();
  flusher.appended(log);
  auto durable = co_await flusher.wait_durable(log, in.written, runtime::no_deadline);
  if (durable) {
    in.acknowledged = in.written;
  }
  co_return durable;
}

task<> write_one(trial& in, log_manager& manager, managed_log& log) {
  must(co_await try_to_write_one(in, manager, log));
}

void check(trial& in, log_manager& manager) {
  managed_log* log = manager.here().find(moved);
  ASSERT_NE(log, nullptr);
  const std::int64_t end = log->log->log_end_offset();
  EXPECT_GE(end, in.acknowledged);
  EXPECT_LE(end, in.written);
  const std::string text = testing::text_of(*log->log);
  std::size_t at = 0;
  for (std::int64_t offset = 0; offset < end; ++offset) {
    at = text.find(value_at(offset), at);
    ASSERT_NE(at, std::string::npos) << "record " << offset << " of " << end;
  }
}

// The first life: moves the log while it is written to.
task<> move_it(runtime::world& world, trial& in) {
  log_manager manager(world, in.options);
  must(co_await manager.claim());
  must(co_await manager.start({"cluster", 1}, in.topics));
  managed_log* log = must(co_await manager.create_log(moved, in.topics.ids["t"], in.topics.config));
  while (in.acknowledged < 30) {
    co_await write_one(in, manager, *log);
  }
  in.is_moving = true;
  in.was_asked = (co_await manager.move_log(moved, 1)).has_value();
  while (log->move && co_await try_to_write_one(in, manager, *log)) {
  }
  in.has_ended = true;
}

// The second: goes on with the move, and is written to.
task<> go_on(runtime::world& world, trial& in) {
  log_manager manager(world, in.options);
  must(co_await manager.claim());
  must(co_await manager.start({"cluster", 1}, in.topics));
  check(in, manager);
  managed_log* log = manager.here().find(moved);
  in.written = log->log->log_end_offset();
  while (log->move) {
    co_await write_one(in, manager, *log);
  }
  for (int i = 0; i < 3; ++i) {
    co_await write_one(in, manager, *log);
  }
  in.directory = log->directory;
  check(in, manager);
  co_await manager.stop();
  in.has_ended = true;
}

// Stops when the move has ended, or so many steps after it began.
void step_into_move(trial& in, runtime::simulated::machine& machine, std::uint64_t steps) {
  machine.start([&in](runtime::world& world) { return move_it(world, in); });
  ASSERT_TRUE(in.simulation.run_until([&] { return in.is_moving; }, std::chrono::seconds(10)));
  const std::uint64_t last = in.simulation.steps() + steps;
  in.simulation.run_until([&] { return in.has_ended || in.simulation.steps() >= last; },
                          std::chrono::seconds(10));
}

class log_move_crash : public ::testing::TestWithParam<crash_kind> {};

TEST_P(log_move_crash, after_any_step_nothing_acknowledged_is_lost) {
  set_log_level(log_level::off);
  std::uint64_t steps = 0;
  for (bool was_last = false; !was_last && !HasFailure(); ++steps) {
    SCOPED_TRACE(fmt::format("{} steps after the move began", steps));
    trial in;
    auto& machine = in.simulation.add_machine("broker", 1);
    step_into_move(in, machine, steps);
    was_last = in.has_ended;
    in.has_ended = false;
    for (int life = 0; life < 2; ++life) {
      machine.crash(GetParam());
      machine.start([&in](runtime::world& world) { return go_on(world, in); });
      ASSERT_TRUE(in.simulation.run_until([&] { return in.has_ended; }, std::chrono::seconds(10)));
      in.has_ended = false;
    }
    EXPECT_EQ(in.directory, in.was_asked ? 1 : in.directory);
  }
  set_log_level(log_level::info);
  EXPECT_GT(steps, 50U);
}

// The next sync in the new directory fails. Whether the test came before the end of the move.
bool fails_after(std::uint64_t steps, std::uint64_t seed) {
  trial in(seed);
  auto& machine = in.simulation.add_machine("broker", 1);
  step_into_move(in, machine, steps);
  const bool was_in_time = !in.has_ended;
  machine.disk().inject({.operation = runtime::simulated::disk_operation::sync,
                         .prefix = "/data/b",
                         .error_number = EIO,
                         .times = 1});
  EXPECT_TRUE(in.simulation.run_until([&] { return in.has_ended; }, std::chrono::seconds(10)));
  in.has_ended = false;
  machine.crash(crash_kind::power);
  machine.disk().clear_faults();
  machine.start([&in](runtime::world& world) { return go_on(world, in); });
  EXPECT_TRUE(in.simulation.run_until([&] { return in.has_ended; }, std::chrono::seconds(10)));
  return was_in_time;
}

TEST(log_move_disk, a_start_after_a_failed_sync_finds_the_log_once) {
  set_log_level(log_level::off);
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    std::uint64_t steps = 0;
    while (!HasFailure() && fails_after(steps, seed)) {
      ++steps;
    }
    SCOPED_TRACE(fmt::format("{} steps after the move began, seed {}", steps, seed));
    EXPECT_GT(steps, 50U);
  }
  set_log_level(log_level::info);
}

INSTANTIATE_TEST_SUITE_P(of_process_and_power, log_move_crash,
                         ::testing::Values(crash_kind::process, crash_kind::power),
                         [](const auto& with) {
                           return with.param == crash_kind::power ? "power" : "process";
                         });

}  // namespace
}  // namespace barnabas::storage
