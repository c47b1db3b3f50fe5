#include "client_trial.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "client/consumer_core.h"
#include "client/offset_lookup.h"
#include "client/piece_reader.h"
#include "client/producer_core.h"
#include "runtime/simulated/simulation.h"
#include "trial_broker.h"

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;
using runtime::task;
using runtime::simulated::crash_kind;
using runtime::simulated::machine;

constexpr auto time_to_finish = 120s;

struct record_fate {
  int told = 0;
  bool is_delivered = false;
  std::int64_t offset = -1;
  std::string why;
};

// What the seed draws, and what was seen; outside of the machines.
struct trial_state {
  int partitions = 1;
  int records = 0;
  runtime::duration most_pause{};
  client::setting_map producer_settings;
  trial_broker broker;

  std::vector<record_fate> fates;
  bool is_produced = false;
  std::vector<std::vector<int>> logs;  // the numbers of the records by partition and offset
  bool is_read = false;
};

int partition_of(const trial_state& state, int number) {
  return number % state.partitions;
}

class fate_listener final : public client::delivery_listener {
 public:
  explicit fate_listener(trial_state& state) : state_(state) {}
  void delivered(const client::delivered_record& record) override {
    record_fate& of = state_.fates.at(record.tag);
    ++of.told;
    of.is_delivered = record.failure == nullptr;
    of.offset = record.offset;
    of.why = record.failure != nullptr ? record.failure->message : "";
  }

 private:
  trial_state& state_;
};

task<> produce(runtime::world& world, trial_state& state) {
  fate_listener listener(state);
  client::producer_core producer(world,
                                 *client::make_producer_configuration(state.producer_settings));
  producer.start();
  runtime::shard& here = runtime::shard::current();
  for (int number = 0; number < state.records; ++number) {
    const std::string value = std::to_string(number) + std::string(here.random() % 300, '.');
    const client::produced_record record{.topic = "t",
                                         .value = as_bytes(value),
                                         .partition = partition_of(state, number),
                                         .tag = static_cast<std::uint64_t>(number),
                                         .listener = &listener};
    for (;;) {
      const auto appended = producer.records().append(record);
      if (!appended) {
        state.broker.failures.push_back("append: " + appended.error().message);
      }
      if (!appended || *appended == client::append_outcome::done) {
        break;
      }
      co_await runtime::sleep_for(1ms);
    }
    if (here.random() % 4 == 0) {
      co_await runtime::sleep_for(state.most_pause * (here.random() % 100) / 100);
    }
  }
  producer.records().begin_flush();
  while (producer.records().outstanding() > 0) {
    co_await runtime::sleep_for(1ms);
  }
  co_await producer.stop();
  state.is_produced = true;
}

// Adds what the piece has; offsets must be dense.
void add_records(client::piece_reader& reader, trial_state& state) {
  auto& log = state.logs.at(static_cast<std::size_t>(reader.piece().from->name.partition));
  record::record_view read;
  while (reader.next(read)) {
    if (read.offset != static_cast<std::int64_t>(log.size())) {
      state.broker.failures.push_back(
          fmt::format("offsets_dense: {} after {} records", read.offset, log.size()));
    }
    log.push_back(number_in(*read.value));
  }
  if (!reader.outcome()) {
    state.broker.failures.push_back("readable: " + reader.outcome().error().message);
  }
}

task<> read_back(runtime::world& world, trial_state& state) {
  client::consumer_core consumer(
      world, *client::make_consumer_configuration({{"bootstrap.servers", "broker:9092"},
                                                   {"auto.offset.reset", "earliest"},
                                                   {"check.crcs", "true"}}));
  consumer.start();
  std::map<topic_partition, std::int64_t> ends;
  std::vector<topic_partition> all;
  for (int i = 0; i < state.partitions; ++i) {
    ends[{"t", i}] = client::time_of_end;
    all.push_back({"t", i});
  }
  const auto found = co_await client::look_up_offsets(
      consumer.cluster(), ends, true, runtime::shard::current().now() + time_to_finish);
  std::int64_t left = 0;
  for (const auto& [name, end] : found) {
    if (!end) {
      state.broker.failures.push_back("offsets: " + end.error().message);
    }
    left += end.value_or(0);
  }
  consumer.fetching().assign(all);
  recycled_buffers memory(1);
  while (left > 0) {
    auto piece = consumer.queue().take();
    if (!piece) {
      co_await runtime::sleep_for(1ms);
      continue;
    }
    consumer.fetching().wake();
    if (!piece->trouble) {
      state.broker.failures.push_back("fetch: " + piece->trouble.error().message);
      break;
    }
    client::piece_reader reader(std::move(*piece), true, memory);
    const std::int64_t before = reader.position();
    add_records(reader, state);
    left -= reader.position() - before;
  }
  co_await consumer.stop();
  state.is_read = true;
}

class client_trial {
 public:
  explicit client_trial(std::uint64_t seed);
  client_outcome run();

 private:
  void draw_settings();
  void disturb();
  void check();
  void check_record(int number, const std::map<int, int>& times);
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[random_.below(values.size())];
  }

  runtime::simulated::seeded_random random_;
  trial_state state_;
  client_outcome outcome_;
  runtime::simulated::simulation sim_;
  machine& broker_;
  machine& producer_;
};

runtime::simulated::simulation_options world_of(std::uint64_t seed) {
  runtime::simulated::seeded_random random(seed * 31);
  runtime::simulated::simulation_options world;
  if (random.chance(0.3)) {
    world.network = {1ms, 30ms};
  }
  if (random.chance(0.4)) {
    world.reset_probability = 0.01;
  }
  return world;
}

client_trial::client_trial(std::uint64_t seed)
    : random_(seed),
      sim_(seed, world_of(seed)),
      broker_(sim_.add_machine("broker", 1)),
      producer_(sim_.add_machine("producer", 1)) {
  draw_settings();
}

void client_trial::draw_settings() {
  state_.partitions = static_cast<int>(random_.between(std::int64_t{1}, std::int64_t{4}));
  state_.records = static_cast<int>(random_.between(std::int64_t{50}, std::int64_t{600}));
  state_.most_pause = one_of<runtime::duration>({0ms, 2ms, 20ms});
  state_.fates.resize(static_cast<std::size_t>(state_.records));
  state_.logs.resize(static_cast<std::size_t>(state_.partitions));
  state_.broker.set_usual(state_.partitions);
  state_.producer_settings = {
      {"bootstrap.servers", "broker:9092"},
      {"linger.ms", one_of<std::string>({"0", "1", "5"})},
      {"batch.size", one_of<std::string>({"1", "500", "1000000"})},
      {"message.max.bytes", one_of<std::string>({"1000", "1000000"})},
      {"compression.type", one_of<std::string>({"none", "lz4", "zstd"})},
      {"request.timeout.ms", one_of<std::string>({"200", "2000", "30000"})},
      {"delivery.timeout.ms", one_of<std::string>({"1000", "300000"})},
      {"reconnect.backoff.ms", "20"},
      {"reconnect.backoff.max.ms", "200"},
      {"max.in.flight", one_of<std::string>({"1", "5"})},
      {"queue.buffering.max.messages", one_of<std::string>({"20", "100000"})}};
}

void client_trial::disturb() {
  sim_.run_for(random_.between(runtime::duration(1ms), runtime::duration(300ms)));
  switch (random_.below(4)) {
    case 0:
      ++outcome_.kills;
      broker_.crash(crash_kind::process);
      sim_.run_for(random_.between(runtime::duration(0ms), runtime::duration(500ms)));
      return broker_.restart();
    case 1:
      return sim_.reset_connections(broker_, producer_);
    case 2:
      return broker_.stall(random_.between(runtime::duration(0ms), runtime::duration(800ms)));
    default:
      if (random_.chance(0.5)) {
        sim_.partition_one_way(broker_, producer_);
      } else {
        sim_.partition(broker_, producer_);
      }
      sim_.run_for(random_.between(runtime::duration(0ms), runtime::duration(2s)));
      return sim_.heal_all();
  }
}

void client_trial::check_record(int number, const std::map<int, int>& times) {
  const record_fate& of = state_.fates[static_cast<std::size_t>(number)];
  const auto& log = state_.logs[static_cast<std::size_t>(partition_of(state_, number))];
  const auto found = times.find(number);
  const int there = found == times.end() ? 0 : found->second;
  if (of.told != 1) {
    state_.broker.failures.push_back(
        fmt::format("told_of_every_record: {} was told {} times", number, of.told));
  }
  if (there > 1 || (of.is_delivered && there == 0)) {
    state_.broker.failures.push_back(
        fmt::format("delivered_once: {} stands {} times in the log, {}", number, there,
                    of.is_delivered ? "delivered" : of.why));
  }
  if (of.is_delivered && of.offset >= 0 &&
      (of.offset >= static_cast<std::int64_t>(log.size()) ||
       log[static_cast<std::size_t>(of.offset)] != number)) {
    state_.broker.failures.push_back(
        fmt::format("delivered_once: {} is not at its offset {}", number, of.offset));
  }
  ++(of.is_delivered ? outcome_.delivered : outcome_.failed);
}

void client_trial::check() {
  std::map<int, int> times;
  for (const auto& log : state_.logs) {
    int last = -1;
    for (const int number : log) {
      ++times[number];
      if (number <= last) {
        state_.broker.failures.push_back(fmt::format("order_kept: {} after {}", number, last));
      }
      last = number;
    }
  }
  for (int number = 0; number < state_.records; ++number) {
    check_record(number, times);
  }
}

client_outcome client_trial::run() {
  broker_.start([this](runtime::world& world) { return serve(world, state_.broker); });
  producer_.start([this](runtime::world& world) { return produce(world, state_); });
  const auto disturbances = random_.below(8);
  for (std::uint64_t i = 0; i < disturbances && !state_.is_produced; ++i) {
    disturb();
  }
  sim_.heal_all();
  if (!sim_.run_until([this] { return state_.is_produced; }, time_to_finish)) {
    state_.broker.failures.push_back("everything_ends: the producer does not finish");
  } else {
    machine& reader = sim_.add_machine("reader", 1);
    reader.start([this](runtime::world& world) { return read_back(world, state_); });
    if (!sim_.run_until([this] { return state_.is_read; }, time_to_finish)) {
      state_.broker.failures.push_back("everything_ends: the consumer does not finish");
    }
    check();
  }
  outcome_.failures = state_.broker.failures;
  outcome_.hash = sim_.trace_hash();
  return outcome_;
}

}  // namespace

client_outcome run_client_trial(std::uint64_t seed) {
  return client_trial(seed).run();
}

}  // namespace barnabas::trial
