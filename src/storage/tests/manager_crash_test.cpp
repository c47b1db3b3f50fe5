// The log manager in a simulated world: from one seed, topics are made, written, deleted, flushed
// and moved by several writers on two shards and over two directories; disks fail and fill up; the
// process is killed, loses its power or stops cleanly, and starts again on what the disk has. What
// was acknowledged must be there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <set>

#include "base/log.h"
#include "record/batch_view.h"
#include "runtime/shard.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"
#include "storage/tests/directory_environment.h"

namespace barnabas::storage {
namespace {

using runtime::task;
using runtime::simulated::crash_kind;
using std::chrono::milliseconds;
using testing::known_topics;
using testing::must;

constexpr int partitions = 6;

void require(bool is_true, const std::string& what) {
  if (!is_true) {
    throw std::runtime_error(what);
  }
}

// What must be true of one partition after a crash. The simulation has one thread.
struct expectation {
  bool is_made = false;           // create_log returned, and delete_log was not called since
  bool is_deletion_open = false;  // delete_log was called and did not succeed
  std::int64_t acknowledged = 0;
  std::int64_t written = 0;
  // More than that when the last append failed: what should have cut it off may have failed, too.
  std::int64_t tried = 0;
  // What a loss of power took out of a compacted log before it was acknowledged: a recovery cannot
  // tell such a hole from one of a compaction.
  std::set<std::int64_t> holes;
};

struct scenario {
  explicit scenario(std::uint64_t seed) : simulation(seed), is_compacted(seed % 2 == 0) {
    options.directories = {"/data/a", "/data/b"};
    options.high_watermark_checkpoint_interval = milliseconds(300);
    options.recovery_point_checkpoint_interval = milliseconds(500);
    options.log_start_checkpoint_interval = milliseconds(700);
    options.idle_check_interval = milliseconds(400);
    auto config = std::make_shared<log_config>();
    config->segment_bytes = 2'000;
    config->file_delete_delay_ms = 100;
    config->flush_ms = 150;
    if (is_compacted) {
      config->is_cleanup_compact = true;
      config->is_cleanup_delete = false;
      config->min_cleanable_dirty_ratio = 0;
      options.cleaner.backoff = milliseconds(20);
    }
    topics.config = config;
    topics.shards = 2;
  }

  runtime::simulated::simulation simulation;
  // Then every third record has the same key, and all but the last of these may be gone.
  bool is_compacted;
  log_manager_options options;
  known_topics topics;
  std::map<topic_partition, expectation> expected;
  std::uint64_t topics_made = 0;
  bool was_stopped = false;  // cleanly, with all directories online
  bool began_clean = false;  // this life of the process: after such a stop
  bool is_stopping = false;
  bool is_disk_sound = true;      // nothing was broken in this life of the process
  bool has_power_failed = false;  // since the logs were checked
  bool is_checked = false;        // in this life of the process
  std::int64_t acknowledgements = 0;
  std::int64_t compactions = 0;  // logs that were found compacted at a start
};

std::string value_of(const topic_partition& partition, const uuid& topic, std::int64_t offset) {
  return fmt::format("[{} {} {}]", partition.to_string(), topic.to_string(), offset);
}

std::vector<std::byte> batch_for(const topic_partition& partition, const uuid& topic,
                                 std::int64_t offset) {
  record::batch_builder builder({});
  const auto value = value_of(partition, topic, offset);
  const std::string_view key = offset % 3 == 0 ? std::string_view("often") : value;
  builder.append({.timestamp = 1'000, .key = as_bytes(key), .value = as_bytes(value)});
  return builder.build();
}

// Every record from the start to the end of the log is there, in order and intact. In a compacted
// one those may be missing that a later one replaced, and what was not acknowledged.
void check_records(storage::log& log, const topic_partition& partition, const uuid& topic,
                   bool is_compacted, expectation& of) {
  const auto may_miss = [&](std::int64_t offset) {
    if (is_compacted && offset >= of.acknowledged) {
      of.holes.insert(offset);
    }
    return is_compacted && (offset % 3 == 0 || of.holes.contains(offset));
  };
  std::int64_t next = log.log_start_offset();
  const auto step_to = [&](std::int64_t offset) {
    while (next < offset && may_miss(next)) {
      ++next;
    }
    require(next == offset,
            fmt::format("{} has nothing between {} and {}", partition.to_string(), next, offset));
  };
  while (next < log.log_end_offset()) {
    const auto found = must(log.read({.start_offset = next, .max_bytes = 100'000}));
    if (found.empty()) {
      return step_to(log.log_end_offset());
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(found.slice.length));
    must(found.slice.source->read_at(bytes, found.slice.offset));
    for (bytes_view rest = bytes; !rest.empty();) {
      const auto batch = record::batch_view::parse(rest);
      require(batch.has_value() && batch->is_crc_valid(),
              fmt::format("{} has no batch at {}", partition.to_string(), next));
      step_to(batch->base_offset());
      const auto text = as_text(rest.first(batch->size_bytes()));
      require(text.find(value_of(partition, topic, next)) != std::string_view::npos ||
                  (batch->record_count() == 0 && may_miss(next)),
              fmt::format("{} has other bytes at {}", partition.to_string(), next));
      next = batch->next_offset();
      rest = rest.subspan(batch->size_bytes());
    }
  }
}

void check_partition(scenario& in, log_manager& manager, const topic_partition& partition,
                     expectation& of) {
  managed_log* found = manager.on(partition.partition % 2).find(partition);
  const auto known = in.topics.ids.find(partition.topic);
  if (found == nullptr) {
    require(!of.is_made, partition.to_string() + " is gone");
    of = {};
    return;
  }
  require(known != in.topics.ids.end(), partition.to_string() + " is back after its deletion");
  const auto end = found->log->log_end_offset();
  require(end >= of.acknowledged, fmt::format("{} ends at {}, but {} was acknowledged",
                                              partition.to_string(), end, of.acknowledged));
  require(end <= std::max(of.written, of.tried),
          fmt::format("{} ends at {} of {}", partition.to_string(), end, of.written));
  require(end >= of.written || !(in.began_clean || !in.has_power_failed),
          fmt::format("{} ends at {} of {} without a power failure", partition.to_string(), end,
                      of.written));
  require(found->high_watermark <= end, "high watermark above the end");
  check_records(*found->log, partition, known->second, in.is_compacted, of);
  in.compactions += found->log->cleaned_offset() > 0 ? 1 : 0;
  of.written = of.tried = end;
  of.is_made = true;
  of.is_deletion_open = false;
}

// At the end of a move, which a start goes on with, the log's files have other names for a moment.
task<> until_readable(log_manager& manager, topic_partition partition) {
  while (true) {
    const managed_log* log = manager.on(partition.partition % 2).find(partition);
    if (log == nullptr || !log->is_paused) {
      co_return;
    }
    co_await runtime::sleep_for(milliseconds(1));
  }
}

task<> make_partition(scenario& in, log_manager& manager, topic_partition partition,
                      expectation& of) {
  const auto id =
      in.topics.ids.emplace(partition.topic, uuid::from_random(5, ++in.topics_made)).first->second;
  const auto made = co_await manager.create_log(partition, id, in.topics.config);
  if (made) {
    of = {.is_made = true};
    require((*made)->log->log_end_offset() == 0, "a new log is not empty");
  } else {
    co_await runtime::sleep_for(milliseconds(20));
  }
}

task<> delete_partition(scenario& in, log_manager& manager, topic_partition partition,
                        expectation& of) {
  of.is_made = false;
  of.is_deletion_open = true;
  if (co_await manager.delete_log(partition)) {
    of = {};
    in.topics.ids.erase(partition.topic);
  }
}

task<> append_some(scenario& in, log_manager& manager, topic_partition partition, expectation& of) {
  auto& logs = manager.here();
  managed_log* log = logs.find(partition);
  const uuid id = in.topics.ids.at(partition.topic);
  while (log->is_paused) {
    co_await log->resumed.wait_until(runtime::no_deadline);
  }
  for (auto count = in.simulation.random().between(1, 5); count > 0; --count) {
    const auto offset = log->log->log_end_offset();
    auto batch = batch_for(partition, id, offset);
    of.tried = offset + 1;
    if (!logs.check_writable(*log) ||
        !log->log->append_as_leader(batch, 0, record::origin::client, 1'000)) {
      co_await runtime::sleep_for(milliseconds(10));
      co_return;
    }
    of.written = offset + 1;
    logs.flusher().appended(*log);
  }
  if (in.simulation.random().chance(0.7)) {
    const auto end = of.written;
    const auto deadline = runtime::shard::current().now() + milliseconds(200);
    if (co_await logs.flusher().wait_durable(*log, end, deadline)) {
      of.acknowledged = end;
      ++in.acknowledgements;
      log->high_watermark = end;
    }
  }
}

task<> write_partition(scenario& in, log_manager& manager, topic_partition partition) {
  while (!in.is_stopping) {
    auto& of = in.expected[partition];
    const managed_log* log = manager.here().find(partition);
    if (log == nullptr && manager.here().flusher().has_offline_directory() &&
        in.topics.ids.contains(partition.topic)) {
      co_await runtime::sleep_for(milliseconds(50));  // it may be there
    } else if (log == nullptr) {
      co_await make_partition(in, manager, partition, of);
    } else if (of.is_deletion_open || in.simulation.random().chance(0.008)) {
      co_await delete_partition(in, manager, partition, of);
      co_await runtime::sleep_for(milliseconds(5));
    } else {
      if (in.simulation.random().chance(0.03)) {
        (void)co_await manager.move_log(partition,
                                        static_cast<int>(in.simulation.random().below(2)));
      }
      co_await append_some(in, manager, partition, of);
      co_await runtime::sleep_for(milliseconds(in.simulation.random().below(5)));
    }
  }
}

task<> write_all(scenario& in, log_manager& manager, int shard) {
  runtime::task_group writers("writers");
  for (int i = shard; i < partitions; i += 2) {
    writers.spawn(write_partition(in, manager, {fmt::format("t{}", i), i}));
  }
  co_await writers.join();
}

// A life whose disk broke while the logs were opened: what it should hold is seen at the next
// start.
task<> stop_when_asked(log_manager& manager, scenario& in) {
  while (!in.is_stopping) {
    co_await runtime::sleep_for(milliseconds(5));
  }
  co_await manager.stop();
  in.is_stopping = false;
}

// One life of the process.
task<> live(runtime::world& world, scenario& in) {
  in.began_clean = std::exchange(in.was_stopped, false);
  log_manager manager(world, in.options);
  must(co_await manager.claim());
  const auto report = must(co_await manager.start({"cluster", 1}, in.topics));
  if (!report.offline_directories.empty()) {
    require(!in.is_disk_sound, "a directory is offline at the start");
    co_return co_await stop_when_asked(manager, in);
  }
  require(!in.began_clean || report.recovered_logs == 0, "recovery after a clean stop");
  for (auto& [partition, of] : in.expected) {
    co_await until_readable(manager, partition);
    check_partition(in, manager, partition, of);
  }
  in.is_checked = true;
  runtime::task_group shards("shards");
  for (int i = 0; i < world.shard_count(); ++i) {
    shards.spawn(runtime::on_shard(world.shard_at(i),
                                   [&in, &manager, i] { return write_all(in, manager, i); }));
  }
  co_await shards.join();
  const auto status = co_await manager.status();
  co_await manager.stop();
  in.was_stopped = in.is_disk_sound && std::ranges::all_of(status, &directory_status::is_online);
  in.is_stopping = false;
}

void break_something(scenario& in, runtime::simulated::machine& machine) {
  auto& random = in.simulation.random();
  auto& disk = machine.disk();
  const std::string directory = in.options.directories[random.below(2)];
  in.is_disk_sound = false;
  switch (random.below(6)) {
    case 0:
      disk.inject({.operation = runtime::simulated::disk_operation::sync,
                   .prefix = directory,
                   .error_number = EIO,
                   .times = 1});
      break;
    case 1:
      disk.set_capacity(directory, static_cast<std::int64_t>(random.below(20'000)));
      in.simulation.after(milliseconds(300),
                          [&disk, directory] { disk.set_capacity(directory, -1); });
      break;
    case 2:
      disk.inject({.operation = runtime::simulated::disk_operation::write,
                   .prefix = directory,
                   .error_number = EIO,
                   .probability = 0.2,
                   .times = 3});
      break;
    default:
      in.is_disk_sound = true;
      break;
  }
}

struct totals {
  std::int64_t acknowledgements = 0;
  std::int64_t compactions = 0;
};

void run(std::uint64_t seed, totals& all) {
  scenario in(seed);
  auto& machine = in.simulation.add_machine("broker", 2);
  machine.start([&in](runtime::world& world) { return live(world, in); });
  auto& random = in.simulation.random();
  for (int life = 0; life < 5; ++life) {
    in.simulation.run_for(milliseconds(random.between(1, 150)));
    break_something(in, machine);
    in.simulation.run_for(milliseconds(random.between(1, 400)));
    const auto end = random.below(3);
    if (end == 0) {
      in.is_stopping = true;
      const auto has_ended =
          in.simulation.run_until([&] { return !machine.is_running(); }, std::chrono::seconds(60));
      require(has_ended, "a clean stop takes more than a minute");
    }
    in.has_power_failed = end != 1 || (in.has_power_failed && !in.is_checked);
    in.is_stopping = false;
    machine.crash(end == 1 ? crash_kind::process : crash_kind::power);
    machine.disk().clear_faults();
    for (const auto& directory : in.options.directories) {
      machine.disk().set_capacity(directory, -1);
    }
    in.is_disk_sound = true;
    in.is_checked = false;
    machine.restart();
  }
  in.is_stopping = true;
  in.simulation.run_until([&] { return !machine.is_running(); }, std::chrono::seconds(60));
  all.acknowledgements += in.acknowledgements;
  all.compactions += in.compactions;
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(manager_crash, what_was_acknowledged_survives) {
  const auto first = number_from_environment("BARNABAS_SEED", 1);
  const auto count =
      number_from_environment("BARNABAS_SEEDS", std::getenv("BARNABAS_SEED") != nullptr ? 1 : 25);
  if (count > 1) {
    set_log_level(log_level::off);
  }
  totals all;
  for (auto seed = first; seed < first + count; ++seed) {
    try {
      run(seed, all);
    } catch (const std::exception& thrown) {
      ADD_FAILURE() << thrown.what() << "\nagain: BARNABAS_SEED=" << seed
                    << " storage_tests --gtest_filter=manager_crash.*";
    }
  }
  set_log_level(log_level::info);
  EXPECT_GT(all.acknowledgements, static_cast<std::int64_t>(count) * 3);
  EXPECT_GE(all.compactions, static_cast<std::int64_t>(count / 2));
}

// A directory without room refuses the log, another one takes it, and the power goes.
task<> make_in_the_second(runtime::world& world, scenario& in, runtime::simulated::disk& disk,
                          int& lives) {
  const topic_partition partition{"t0", 0};
  log_manager manager(world, in.options);
  must(co_await manager.claim());
  must(co_await manager.start({"cluster", 1}, in.topics));
  if (++lives == 1) {
    disk.inject({.operation = runtime::simulated::disk_operation::write,
                 .prefix = "/data/a/t0-0",
                 .error_number = ENOSPC,
                 .times = -1});
    const uuid id = in.topics.ids.at("t0");
    EXPECT_FALSE(co_await manager.create_log(partition, id, in.topics.config));
    manager.set_cordoned({"/data/a"});
    must(co_await manager.create_log(partition, id, in.topics.config));
  }
  in.is_checked = manager.here().find(partition) != nullptr;
  while (!in.is_stopping) {
    co_await runtime::sleep_for(milliseconds(5));
  }
  co_await manager.stop();
}

TEST(manager_crash, a_log_that_could_not_be_made_is_not_found_beside_another_later) {
  set_log_level(log_level::off);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    scenario in(seed);
    in.topics.ids["t0"] = uuid::from_random(5, 1);
    int lives = 0;
    auto& machine = in.simulation.add_machine("broker", 2);
    machine.start([&](runtime::world& world) {
      return make_in_the_second(world, in, machine.disk(), lives);
    });
    in.simulation.run_for(milliseconds(50));
    EXPECT_TRUE(std::exchange(in.is_checked, false));
    machine.crash(crash_kind::power);
    machine.disk().clear_faults();
    machine.restart();
    in.simulation.run_for(milliseconds(50));
    EXPECT_TRUE(in.is_checked);
    in.is_stopping = true;
    in.simulation.run_until([&] { return !machine.is_running(); }, std::chrono::seconds(60));
  }
  set_log_level(log_level::info);
}

}  // namespace
}  // namespace barnabas::storage
