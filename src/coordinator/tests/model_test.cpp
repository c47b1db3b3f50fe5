// One machine over one partition in simulated worlds, from seeds: clients count up and read while
// appends and commits fail, the process dies with and without its power, and leadership moves.
// What a client was told, of its own counter or of another's, must stay true.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"
#include "coordinator/replicated.h"
#include "coordinator/tests/memory_log.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::coordinator {
namespace {

using runtime::task;
using runtime::simulated::seeded_random;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::counters;
using testing::memory_disk;
using testing::memory_log;

constexpr int clients = 4;
constexpr int calls_of_client = 60;

// What may stand in a counter: everybody was told at least `low`, and `high` was asked for.
struct bounds {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct trial {
  explicit trial(std::uint64_t seed) : random(seed), simulation(seed) {}

  seeded_random random;
  memory_disk disk;
  std::unique_ptr<replicated> running;  // null between two lives
  std::vector<std::unique_ptr<replicated>> closed;
  std::array<bounds, clients> model;
  int answers = 0;
  int unfinished = clients;
  std::string failure;
  runtime::simulated::simulation simulation;

  void start() {
    running = std::make_unique<replicated>(std::make_unique<memory_log>(disk),
                                           [] { return std::make_unique<counters>(); });
    running->start();
  }
  // `low` was known when the call began: answers to calls of one moment may be seen in any order.
  void note(int client, std::int64_t low, std::int64_t value) {
    bounds& at = model[static_cast<std::size_t>(client)];
    if ((value < low || value > at.high) && failure.empty()) {
      failure = fmt::format("counter {} is {}, not {} to {}", client, value, low, at.high);
    }
    at.low = std::max(at.low, value);
    ++answers;
  }
};

task<result<std::int64_t>> ask(trial& t, int client, bool adds) {
  const auto deadline = runtime::shard::current().now() + milliseconds(200);
  return t.running->run<std::int64_t>(
      [key = std::to_string(client), adds](machine& m, moment, effects& out,
                                           reply_to<std::int64_t> to) {
        auto& all = static_cast<counters&>(m);
        if (adds) {
          all.add(key, 1, out, std::move(to));
        } else {
          out.answer(std::move(to), all.get(key));
        }
      },
      deadline);
}

task<> call(trial& t, int client) {
  const bool adds = t.random.chance(0.6);
  const int of = adds ? client : static_cast<int>(t.random.below(clients));
  if (t.running == nullptr) {
    co_return;
  }
  bounds& known = t.model[static_cast<std::size_t>(of)];
  const std::int64_t low = known.low;
  if (adds) {
    ++known.high;
  }
  const auto answer = co_await ask(t, of, adds);
  if (answer) {
    t.note(of, low, *answer);
  }
}

task<> work(trial& t, int client) {
  for (int i = 0; i < calls_of_client; ++i) {
    co_await call(t, client);
    co_await runtime::sleep_for(t.random.between(microseconds(0), milliseconds(3)));
  }
  --t.unfinished;
}

task<> restart(trial& t) {
  t.running->close();
  t.closed.push_back(std::move(t.running));
  if (t.random.chance(0.5)) {
    t.disk.lose_power();
  }
  t.disk.lead_in(t.disk.leader_epoch + 1);
  co_await runtime::sleep_for(t.random.between(microseconds(0), milliseconds(20)));
  t.start();
}

task<> disturb_once(trial& t) {
  switch (t.random.below(6)) {
    case 0:
      t.disk.append_failure = error{error_code::kafka_storage_error, "no space", 28};
      break;
    case 1:
      t.disk.commit_failure = error{error_code::kafka_storage_error, "fsync", 5};
      break;
    case 2:
      t.disk.read_failure = error{error_code::kafka_storage_error, "gone", 2};
      break;
    case 3:  // another broker led meanwhile, without what was not committed
      t.disk.lose_power();
      t.disk.lead_in(t.disk.leader_epoch + 1);
      break;
    case 4:
      t.disk.commit(false);
      co_await runtime::sleep_for(t.random.between(microseconds(0), milliseconds(30)));
      t.disk.commit(true);
      break;
    default:
      co_await restart(t);
  }
}

task<> disturb(trial& t) {
  while (t.unfinished > 0) {
    co_await runtime::sleep_for(t.random.between(milliseconds(1), milliseconds(100)));
    co_await disturb_once(t);
  }
}

task<> main_of(trial& t, bool& has_ended) {
  t.disk.append_time = t.random.between(microseconds(0), milliseconds(1));
  t.start();
  {
    runtime::task_group group("trial");
    for (int i = 0; i < clients; ++i) {
      group.spawn(work(t, i));
    }
    group.spawn(disturb(t));
    co_await group.join();
  }
  t.disk.append_failure = t.disk.commit_failure = t.disk.read_failure = std::nullopt;
  co_await restart(t);
  for (int client = 0; client < clients; ++client) {
    auto answer = co_await ask(t, client, false);
    while (!answer) {
      co_await runtime::sleep_for(milliseconds(50));
      answer = co_await ask(t, client, false);
    }
    t.note(client, t.model[static_cast<std::size_t>(client)].low, *answer);
  }
  t.running->close();
  t.closed.push_back(std::move(t.running));
  t.disk.lead_in(-1);
  for (const auto& each : t.closed) {
    co_await each->join();
  }
  has_ended = true;
}

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// BARNABAS_SEED is the first seed and alone the only one, BARNABAS_SEEDS how many.
TEST(replicated, keeps_what_clients_were_told_in_every_trouble) {
  set_log_level(log_level::off);
  const std::uint64_t chosen = number("BARNABAS_SEED", 0);
  const std::uint64_t first = chosen != 0 ? chosen : 1;
  const std::uint64_t count = number("BARNABAS_SEEDS", chosen != 0 ? 1 : 500);
  std::uint64_t answers = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    trial t(seed);
    bool has_ended = false;
    t.simulation.add_machine("a", 1).start([&](runtime::world&) { return main_of(t, has_ended); });
    const bool ended = t.simulation.run_until([&] { return has_ended; }, std::chrono::minutes(10));
    EXPECT_TRUE(ended && t.failure.empty())
        << "BARNABAS_SEED=" << seed << ": " << (ended ? t.failure : "it does not end");
    answers += static_cast<std::uint64_t>(t.answers);
  }
  EXPECT_GT(answers, count > 1 ? count * 100 : 0);
}

}  // namespace
}  // namespace barnabas::coordinator
