// What the runtime itself costs; run by hand in a release build:
//   runtime_tests --gtest_also_run_disabled_tests --gtest_filter='DISABLED_cost.*'
#include <sys/resource.h>

#include <cstdio>

#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "runtime/tests/in_real_world.h"
#include "runtime/wait.h"

namespace barnabas::runtime {
namespace {

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double wall_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct measurement {
  const char* name;
  double count;
  double cpu = cpu_seconds();
  double wall = wall_seconds();

  ~measurement() {
    std::printf("%-44s %9.1f ns wall, %9.1f ns cpu each\n", name,
                (wall_seconds() - wall) / count * 1e9, (cpu_seconds() - cpu) / count * 1e9);
  }
};

task<int> number(int value) {
  co_return value;
}

task<> local(real_world&) {
  constexpr int times = 5'000'000;
  {
    const measurement one{"post and resume on the same shard", times};
    for (int i = 0; i < times; ++i) {
      co_await yield();
    }
  }
  {
    const measurement one{"a task that completes at once", times};
    int sum = 0;
    for (int i = 0; i < times; ++i) {
      sum += co_await number(i & 1);
    }
    EXPECT_EQ(sum, times / 2);
  }
  {
    const measurement one{"arm and disarm a deadline", times / 10};
    condition changed;
    for (int i = 0; i < times / 10; ++i) {
      task_group group("test");
      group.spawn([](condition& changed) -> task<> {
        co_await changed.wait_until(shard::current().now() + std::chrono::seconds(30));
      }(changed));
      changed.notify_all();
      co_await group.join();
    }
  }
}

TEST(DISABLED_cost, on_one_shard) {
  in_real_world(1, local);
}

task<> hop(shard& there, int times) {
  for (int i = 0; i < times; ++i) {
    co_await on_shard(there, [i] { return number(i); });
  }
}

task<> round_trips(real_world& world) {
  constexpr int times = 100'000;
  for (const int tasks : {1, 16, 64}) {
    const measurement one{tasks == 1    ? "on_shard, one at a time (both asleep)"
                          : tasks == 16 ? "on_shard, 16 at a time"
                                        : "on_shard, 64 at a time",
                          times};
    task_group group("test");
    for (int i = 0; i < tasks; ++i) {
      group.spawn(hop(world.shard_at(1), times / tasks));
    }
    co_await group.join();
  }
  {
    const measurement one{"blocking(), one at a time", times / 10};
    for (int i = 0; i < times / 10; ++i) {
      co_await blocking([] { return 0; });
    }
  }
}

TEST(DISABLED_cost, between_shards) {
  in_real_world(2, round_trips);
}

task<> echo(std::unique_ptr<stream> with) {
  std::vector<std::byte> buffer(64 << 10);
  for (;;) {
    const auto got = co_await with->read_some(buffer);
    if (!got || *got == 0) {
      co_return;
    }
    const bytes_view part = bytes_view(buffer).first(*got);
    co_await with->write(std::span(&part, 1));
  }
}

task<> ask(real_world& world, endpoint server, int times) {
  auto made = co_await world.sockets().connect(server, no_deadline);
  stream& with = **made;
  with.set_no_delay(true);
  std::vector<std::byte> buffer(1024);
  const bytes_view part(buffer);
  for (int i = 0; i < times; ++i) {
    co_await with.write(std::span(&part, 1));
    std::size_t done = 0;
    while (done < buffer.size()) {
      done +=
          (co_await with.read_some(mutable_bytes(buffer).subspan(done))).value_or(buffer.size());
    }
  }
}

task<> accept_all(listener& from, task_group& group) {
  for (;;) {
    auto accepted = co_await from.accept(shard::current());
    if (!accepted) {
      co_return;
    }
    (*accepted)->set_no_delay(true);
    group.spawn(echo(std::move(*accepted)));
  }
}

task<> echo_frames(real_world& world) {
  constexpr int times = 100'000;
  auto listening = world.sockets().listen({"127.0.0.1", 0}, 128).value();
  task_group servers("test");
  servers.spawn(accept_all(*listening, servers));
  for (const int clients : {1, 16}) {
    const measurement one{clients == 1 ? "echo of 1 KiB, both ends on one shard, 1 client"
                                       : "echo of 1 KiB, both ends on one shard, 16",
                          times};
    task_group group("test");
    for (int i = 0; i < clients; ++i) {
      group.spawn(ask(world, listening->local(), times / clients));
    }
    co_await group.join();
  }
  listening->close();
  co_await servers.join();
}

TEST(DISABLED_cost, echo) {
  in_real_world(1, echo_frames);
}

task<> stay_idle(real_world&) {
  const double before = cpu_seconds();
  co_await sleep_for(std::chrono::seconds(3));
  std::printf("idle with 4 shards: %.4f %% of a core\n", (cpu_seconds() - before) / 3 * 100);
}

TEST(DISABLED_cost, idle) {
  in_real_world(4, stay_idle);
}

task<> serve(world& world) {
  auto listening = world.sockets().listen({"", 1}, 128).value();
  task_group group("test");
  co_await accept_all(*listening, group);
}

task<> ask_simulated(world& world, int times) {
  auto made = co_await world.sockets().connect({"server", 1}, no_deadline);
  std::vector<std::byte> buffer(1024);
  const bytes_view part(buffer);
  for (int i = 0; i < times; ++i) {
    co_await (*made)->write(std::span(&part, 1));
    std::size_t done = 0;
    while (done < buffer.size()) {
      done += (co_await (*made)->read_some(mutable_bytes(buffer).subspan(done)))
                  .value_or(buffer.size());
    }
  }
}

TEST(DISABLED_cost, simulated_requests) {
  constexpr int times = 100'000;
  simulated::simulation sim(1);
  auto& server = sim.add_machine("server", 1);
  auto& client = sim.add_machine("client", 1);
  server.start(serve);
  sim.run_for(std::chrono::milliseconds(1));
  client.start([](world& world) { return ask_simulated(world, times); });
  const measurement one{"echo of 1 KiB between simulated machines", times};
  EXPECT_TRUE(sim.run_until([&] { return !client.is_running(); }, std::chrono::hours(1)));
}

}  // namespace
}  // namespace barnabas::runtime
