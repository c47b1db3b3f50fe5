// Time, shards, crashes and the network of a simulation; its disk has tests of its own.
#include <stdexcept>

#include "base/log.h"
#include "runtime/simulated/simulation.h"
#include "runtime/tests/in_real_world.h"
#include "runtime/wait.h"

namespace barnabas::runtime::simulated {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds long_enough{60};

mutable_bytes room(std::string& text) {
  return std::as_writable_bytes(std::span(text));
}

task<> sleep_and_note(milliseconds time, std::vector<int>& order) {
  co_await sleep_for(time);
  order.push_back(static_cast<int>(time.count()));
}

task<> sleep_a_day(std::vector<int>& order) {
  task_group group("test");
  for (const int ms : {300, 100, 86'400'000, 200}) {
    group.spawn(sleep_and_note(milliseconds(ms), order));
  }
  co_await group.join();
}

TEST(simulation, a_day_takes_no_time_and_timers_keep_their_order) {
  simulation sim(1);
  machine& a = sim.add_machine("a", 1);
  std::vector<int> order;
  a.start([&](world&) { return sleep_a_day(order); });
  EXPECT_FALSE(sim.run_until([&] { return !a.is_running(); }, std::chrono::hours(23)));
  EXPECT_TRUE(sim.run_until([&] { return !a.is_running(); }, std::chrono::hours(2)));
  EXPECT_EQ(order, (std::vector<int>{100, 200, 300, 86'400'000}));
}

task<> add_here(int& value, std::vector<int>& order) {
  order.push_back(value++);
  co_await yield();
}

task<> visit(world& world, int& value, std::vector<int>& order) {
  for (int i = 0; i < 20; ++i) {
    shard& there = world.shard_at(i % world.shard_count());
    co_await on_shard(there, [&] { return add_here(value, order); });
    const int index = co_await blocking([i] { return i; });
    EXPECT_EQ(index, i);
    EXPECT_EQ(shard::current().index(), 0);
  }
}

TEST(simulation, shards_and_file_threads_work_as_in_the_real_world) {
  simulation sim(2);
  machine& a = sim.add_machine("a", 3);
  int value = 0;
  std::vector<int> order;
  a.start([&](world& world) { return visit(world, value, order); });
  EXPECT_TRUE(sim.run_until([&] { return !a.is_running(); }, long_enough));
  EXPECT_EQ(value, 20);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

task<> give_up() {
  co_await yield();
  throw std::runtime_error("main gave up");
}

TEST(simulation, an_exception_of_main_reaches_the_test) {
  simulation sim(3);
  machine& a = sim.add_machine("a", 1);
  a.start([](world&) { return give_up(); });
  EXPECT_THROW(sim.run_for(seconds(1)), std::runtime_error);
  EXPECT_FALSE(a.is_running());
}

// A server that sends back what it gets, a byte more each time, until the peer closes.
task<> echo(std::unique_ptr<stream> with) {
  std::string buffer(1000, '?');
  for (;;) {
    const auto got = co_await with->read_some(room(buffer));
    if (!got || *got == 0) {
      co_return;
    }
    const bytes_view part = as_bytes(buffer).first(*got);
    if (!co_await with->write(std::span(&part, 1))) {
      co_return;
    }
  }
}

task<> serve_echo(world& world) {
  auto listening = world.sockets().listen({"", 9092}, 128).value();
  task_group group("echo");
  for (;;) {
    auto accepted = co_await listening->accept(shard::current());
    if (!accepted) {
      co_return;
    }
    group.spawn(echo(std::move(*accepted)));
  }
}

struct client_state {
  int answers = 0;
  int errors = 0;
  int connects = 0;
  std::string last_error;
};

task<result<>> ask(stream& server, std::string text) {
  const bytes_view part = as_bytes(text);
  if (auto written = co_await server.write(std::span(&part, 1)); !written) {
    co_return written;
  }
  std::string answer(text.size(), '?');
  std::size_t done = 0;
  while (done < answer.size()) {
    const auto got = co_await server.read_some(room(answer).subspan(done));
    if (!got) {
      co_return std::unexpected(got.error());
    }
    if (*got == 0) {
      co_return fail(error_code::network_exception, "closed");
    }
    done += *got;
  }
  EXPECT_EQ(answer, text);
  co_return result<>{};
}

task<> keep_asking(world& world, std::string host, client_state& state, int times) {
  while (state.answers < times) {
    auto server =
        co_await world.sockets().connect({host, 9092}, shard::current().now() + seconds(5));
    if (!server) {
      state.last_error = server.error().message;
      ++state.errors;
      co_await sleep_for(milliseconds(100));
      continue;
    }
    ++state.connects;
    while (state.answers < times) {
      const auto length = 1 + shard::current().random() % 5000;
      const auto answered = co_await ask(**server, std::string(length, 'x'));
      if (!answered) {
        state.last_error = answered.error().message;
        ++state.errors;
        break;
      }
      ++state.answers;
    }
  }
}

struct echo_simulation {
  explicit echo_simulation(std::uint64_t seed, simulation_options options = {})
      : sim(seed, options),
        server(sim.add_machine("server", 2)),
        client(sim.add_machine("client", 1)) {}

  void start(int times) {
    server.start(serve_echo);
    client.start(
        [this, times](world& world) { return keep_asking(world, "server", state, times); });
  }
  bool run(duration limit = std::chrono::minutes(10)) {
    return sim.run_until([this] { return !client.is_running(); }, limit);
  }

  client_state state;
  simulation sim;
  machine& server;
  machine& client;
};

TEST(simulated_network, a_client_talks_to_a_server) {
  echo_simulation all(4);
  all.start(1000);
  EXPECT_TRUE(all.run());
  EXPECT_EQ(all.state.answers, 1000);
  EXPECT_EQ(all.state.errors, 0) << all.state.last_error;
}

TEST(simulated_network, two_runs_of_a_seed_are_the_same_and_seeds_differ) {
  std::vector<std::uint64_t> hashes;
  for (const std::uint64_t seed : {5, 5, 6}) {
    echo_simulation all(seed, {.reset_probability = 0.01});
    all.start(300);
    all.sim.after(milliseconds(50), [&] { all.server.crash(crash_kind::process); });
    all.sim.after(milliseconds(80), [&] { all.server.restart(); });
    EXPECT_TRUE(all.run());
    EXPECT_GT(all.state.errors, 0);
    hashes.push_back(all.sim.trace_hash());
  }
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_NE(hashes[1], hashes[2]);
}

TEST(simulated_network, a_process_that_dies_resets_and_its_port_refuses) {
  echo_simulation all(7);
  all.start(1'000'000);
  all.sim.run_for(seconds(1));
  const int before = all.state.answers;
  EXPECT_GT(before, 0);
  all.server.crash(crash_kind::process);
  EXPECT_TRUE(all.sim.run_until([&] { return all.state.errors > 0; }, long_enough));
  EXPECT_NE(all.state.last_error.find("reset"), std::string::npos) << all.state.last_error;
  all.sim.run_for(seconds(1));
  EXPECT_NE(all.state.last_error.find("refused"), std::string::npos) << all.state.last_error;
  all.server.restart();
  all.sim.run_for(seconds(1));
  EXPECT_GT(all.state.answers, before);
}

TEST(simulated_network, a_machine_without_power_is_silent) {
  echo_simulation all(8);
  all.start(1'000'000);
  all.sim.run_for(seconds(1));
  all.server.crash(crash_kind::power);
  all.sim.run_for(std::chrono::minutes(10));
  EXPECT_EQ(all.state.errors, 0) << "nothing tells the client";
  all.client.crash(crash_kind::process);
  all.client.restart();
  all.sim.run_for(seconds(6));
  EXPECT_NE(all.state.last_error.find("timed out"), std::string::npos) << all.state.last_error;
  all.server.restart();
  const int before = all.state.answers;
  all.sim.run_for(seconds(10));
  EXPECT_GT(all.state.answers, before);
}

TEST(simulated_network, a_partition_stalls_and_heals) {
  echo_simulation all(9);
  all.start(1'000'000);
  all.sim.run_for(seconds(1));
  all.sim.partition(all.server, all.client);
  all.sim.run_for(milliseconds(10));
  const int before = all.state.answers;
  all.sim.run_for(seconds(60));
  EXPECT_EQ(all.state.answers, before);
  all.sim.heal(all.server, all.client);
  all.sim.run_for(seconds(1));
  EXPECT_GT(all.state.answers, before);
  EXPECT_EQ(all.state.connects, 1) << "the same connection went on";
  all.sim.reset_connections(all.server, all.client);
  all.sim.run_for(seconds(1));
  EXPECT_EQ(all.state.connects, 2);
}

TEST(simulated_network, connecting_through_a_cut_network_waits_for_it) {
  echo_simulation all(13);
  all.sim.partition_one_way(all.server, all.client);
  all.start(10);
  all.sim.after(seconds(3), [&] { all.sim.heal_all(); });
  EXPECT_TRUE(all.run());
  EXPECT_EQ(all.state.answers, 10);
}

TEST(simulation, a_stalled_machine_does_nothing_and_goes_on) {
  echo_simulation all(14);
  all.start(1'000'000);
  all.sim.run_for(seconds(1));
  all.server.stall(seconds(20));
  all.sim.run_for(milliseconds(10));
  const int before = all.state.answers;
  all.sim.run_for(seconds(19));
  EXPECT_EQ(all.state.answers, before);
  all.sim.run_for(seconds(2));
  EXPECT_GT(all.state.answers, before);
  EXPECT_EQ(all.state.errors, 0);
}

task<> write_for_ever(world& world, std::size_t& written) {
  auto server = co_await world.sockets().connect({"server", 1}, no_deadline);
  const std::string text(1000, 'x');
  const bytes_view part = as_bytes(text);
  while (co_await (*server)->write(std::span(&part, 1))) {
    written += text.size();
  }
}

task<> never_read(world& world) {
  auto listening = world.sockets().listen({"", 1}, 1).value();
  auto accepted = co_await listening->accept(shard::current());
  co_await sleep_for(seconds(10));
}

TEST(simulated_network, a_writer_waits_for_a_slow_reader) {
  simulation sim(10);
  std::size_t written = 0;
  machine& server = sim.add_machine("server", 1);
  machine& client = sim.add_machine("client", 1);
  server.start(never_read);
  sim.run_for(milliseconds(1));
  client.start([&](world& world) { return write_for_ever(world, written); });
  sim.run_for(seconds(5));
  EXPECT_GT(written, 60u << 10);
  EXPECT_LT(written, 70u << 10);
  EXPECT_TRUE(sim.run_until([&] { return !client.is_running(); }, long_enough))
      << "the server went";
}

TEST(simulated_network, a_writer_learns_that_the_power_was_gone) {
  for (const bool comes_back : {true, false}) {
    simulation sim(15);
    std::size_t written = 0;
    machine& server = sim.add_machine("server", 1);
    machine& client = sim.add_machine("client", 1);
    server.start(never_read);
    sim.run_for(milliseconds(1));
    client.start([&](world& world) { return write_for_ever(world, written); });
    sim.run_for(comes_back ? milliseconds(5000) : milliseconds(2));
    server.crash(crash_kind::power);
    if (comes_back) {
      sim.after(seconds(5), [&] { server.restart(); });
    }
    EXPECT_FALSE(sim.run_until([&] { return !client.is_running(); }, seconds(4)));
    EXPECT_TRUE(sim.run_until([&] { return !client.is_running(); }, std::chrono::minutes(16)));
  }
}

task<> read_until_closed(stream& from, int& ended) {
  std::string text(10, '?');
  EXPECT_FALSE(co_await from.read_some(room(text)));
  ++ended;
}

task<> close_while_reading(world& world, int& ended) {
  auto listening = world.sockets().listen({"127.0.0.1", 0}, 1).value();
  EXPECT_FALSE(world.sockets().listen(listening->local(), 1));
  EXPECT_FALSE(world.sockets().listen({"elsewhere", 1}, 1));
  auto client = co_await world.sockets().connect(listening->local(), no_deadline);
  auto server = co_await listening->accept(shard::current());
  EXPECT_EQ((*client)->peer(), (*server)->local());
  task_group group("test");
  group.spawn(read_until_closed(**client, ended));
  co_await sleep_for(milliseconds(1));
  (*client)->close();
  co_await group.join();
  std::string text(10, '?');
  EXPECT_EQ(co_await (*server)->read_some(room(text)), 0u);
  EXPECT_FALSE(co_await world.sockets().connect({"nobody", 1}, no_deadline));
}

TEST(simulated_network, close_ends_what_waits) {
  simulation sim(11);
  machine& a = sim.add_machine("a", 1);
  int ended = 0;
  a.start([&](world& world) { return close_while_reading(world, ended); });
  EXPECT_TRUE(sim.run_until([&] { return !a.is_running(); }, long_enough));
  EXPECT_EQ(ended, 1);
}

// Everything that a process can wait for, at once, then a crash at a random moment.
task<> wait_for_all(world& world) {
  condition never;
  task_group group("all");
  group.spawn(serve_echo(world));
  group.spawn([](condition& never) -> task<> { co_await never.wait_until(no_deadline); }(never));
  group.spawn([](task_group& group) -> task<> {
    co_await group.stopped().wait_until(shard::current().now() + seconds(9));
  }(group));
  for (int i = 0;; ++i) {
    co_await on_shard(world.shard_at(1), [] { return sleep_for(std::chrono::microseconds(10)); });
    const auto written = co_await blocking(
        [&world, i] { return world.files().replace_text("/data/number", std::to_string(i)); });
    EXPECT_TRUE(written) << written.error().message;
    never.notify_all();
  }
}

TEST(simulation, a_crash_at_any_moment_leaves_nothing_behind) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    echo_simulation all(seed);
    all.start(1'000'000);
    machine& busy = all.sim.add_machine("busy", 2);
    busy.start(wait_for_all);
    for (int crash = 0; crash < 3; ++crash) {
      all.sim.run_for(all.sim.random().between(duration(0), milliseconds(5)));
      const auto kind = all.sim.random().chance(0.5) ? crash_kind::power : crash_kind::process;
      machine& victim = all.sim.random().chance(0.5) ? busy : all.server;
      victim.crash(kind);
      all.sim.run_for(all.sim.random().between(duration(0), milliseconds(5)));
      victim.restart();
    }
    all.sim.run_for(milliseconds(5));
  }
}

TEST(simulation, wall_clocks_are_skewed_and_jump) {
  simulation sim(12, {.clock_skew = seconds(10)});
  machine& a = sim.add_machine("a", 1);
  machine& b = sim.add_machine("b", 1);
  const std::int64_t apart = a.wall_clock_ms() - b.wall_clock_ms();
  EXPECT_NE(apart, 0);
  EXPECT_LE(std::abs(apart), 20'000);
  a.set_clock_offset(duration(0));
  b.set_clock_offset(seconds(1));
  EXPECT_EQ(b.wall_clock_ms() - a.wall_clock_ms(), 1000);
}

}  // namespace
}  // namespace barnabas::runtime::simulated
