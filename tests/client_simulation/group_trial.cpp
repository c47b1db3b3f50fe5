#include "group_trial.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "client/consumer_core.h"
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

constexpr auto time_to_finish = 180s;
// Longer than a JoinGroup whose answer was lost.
constexpr auto time_to_stay_calm = 30s;

struct member_state {
  client::setting_map settings;
  machine* home = nullptr;
  bool is_to_leave = false;
  std::set<int> owned;  // partitions, as it was told
};

// Of the record of a partition that was given last.
struct last_reader {
  std::int32_t generation = -1;
  std::size_t member = 0;
};

// What the seed draws, and what was seen; outside of the machines.
struct trial_state {
  int partitions = 1;
  int records = 0;
  runtime::duration most_pause{};
  runtime::duration most_processing{};
  trial_broker broker;
  std::vector<member_state> members;

  bool is_produced = false;
  std::set<int> delivered;
  std::set<int> processed;
  std::map<int, last_reader> readers;
  std::map<int, std::int64_t> committed;
  std::map<int, std::int64_t> ends;  // by partition, of what was delivered
  group_outcome outcome;

  void failed(std::string what) { broker.failures.push_back(std::move(what)); }
};

class delivery_counter final : public client::delivery_listener {
 public:
  explicit delivery_counter(trial_state& state) : state_(state) {}
  void delivered(const client::delivered_record& record) override {
    const auto number = static_cast<int>(record.tag);
    if (record.failure == nullptr) {
      state_.delivered.insert(number);
      ++state_.ends[number % state_.partitions];
    }
  }

 private:
  trial_state& state_;
};

task<> produce(runtime::world& world, trial_state& state) {
  delivery_counter listener(state);
  client::producer_core producer(
      world, *client::make_producer_configuration({{"bootstrap.servers", "broker:9092"},
                                                   {"linger.ms", "1"},
                                                   {"reconnect.backoff.max.ms", "200"}}));
  producer.start();
  runtime::shard& here = runtime::shard::current();
  for (int number = 0; number < state.records;) {
    const std::string value = std::to_string(number);
    const client::produced_record record{.topic = "t",
                                         .value = as_bytes(value),
                                         .partition = number % state.partitions,
                                         .tag = static_cast<std::uint64_t>(number),
                                         .listener = &listener};
    const auto appended = producer.records().append(record);
    if (appended && *appended == client::append_outcome::done) {
      ++number;
    }
    co_await runtime::sleep_for(1ms + state.most_pause * (here.random() % 100) / 100);
  }
  producer.records().begin_flush();
  while (producer.records().outstanding() > 0) {
    co_await runtime::sleep_for(1ms);
  }
  co_await producer.stop();
  state.is_produced = true;
}

void hear(const client::rebalance_notice& notice, member_state& me, trial_state& state) {
  using enum client::rebalance_notice::kind;
  if (notice.what == trouble) {
    return state.failed("no_trouble: " + notice.why.message);
  }
  ++(notice.what == assigned ? state.outcome.assignments : state.outcome.losses);
  for (const topic_partition& each : notice.partitions) {
    if (notice.what == assigned) {
      me.owned.insert(each.partition);
    } else {
      me.owned.erase(each.partition);
    }
  }
}

std::vector<int> numbers_in(client::fetched_piece piece, client::fetch_queue& queue,
                            trial_state& state) {
  recycled_buffers memory(1);
  client::piece_reader reader(std::move(piece), true, memory);
  std::vector<int> numbers;
  record::record_view read;
  while (reader.next(read)) {
    numbers.push_back(number_in(*read.value));
  }
  if (!reader.outcome()) {
    state.failed("readable: " + reader.outcome().error().message);
  }
  queue.advance(reader.piece(), {reader.position(), reader.leader_epoch()});
  return numbers;
}

// Later generations may have given the partition to another.
void check_reader(int partition, last_reader reader, trial_state& state) {
  last_reader& last = state.readers[partition];
  if (!state.members[reader.member].owned.contains(partition) ||
      reader.generation < last.generation ||
      (reader.generation == last.generation && reader.member != last.member)) {
    state.failed(fmt::format(
        "one_owner: member {} of generation {} reads partition {} of member {} of generation {}",
        reader.member, reader.generation, partition, last.member, last.generation));
  }
  last = reader;
}

// A poll and what its user does with it.
task<> poll_once(client::consumer_core& consumer, std::size_t index, trial_state& state) {
  runtime::shard& here = runtime::shard::current();
  client::fetch_queue& queue = consumer.queue();
  queue.begin_poll(here.now());
  consumer.member().wake();
  while (const auto notice = queue.take_notice()) {
    co_await runtime::sleep_for(state.most_processing * (here.random() % 100) / 100);
    hear(*notice, state.members[index], state);
    queue.handled();
    consumer.member().wake();
  }
  auto piece = queue.take();
  if (!piece) {
    co_await runtime::sleep_for(5ms);
    co_return;
  }
  consumer.fetching().wake();
  if (!piece->trouble) {
    state.failed("no_trouble: " + piece->trouble.error().message);
    co_return;
  }
  check_reader(piece->from->name.partition, {consumer.member().generation(), index}, state);
  const auto numbers = numbers_in(std::move(*piece), queue, state);
  co_await runtime::sleep_for(state.most_processing * (here.random() % 100) / 100);
  state.processed.insert(numbers.begin(), numbers.end());
  state.outcome.processed += static_cast<int>(numbers.size());
}

task<> be_member(runtime::world& world, trial_state& state, std::size_t index) {
  member_state& me = state.members[index];
  me.is_to_leave = false;
  me.owned.clear();
  client::consumer_core consumer(world, *client::make_consumer_configuration(me.settings));
  consumer.start();
  if (auto done = consumer.subscribe({index % 2 == 0 ? "t" : "^t$"}); !done) {
    state.failed("subscribes: " + done.error().message);
  }
  while (!me.is_to_leave) {
    co_await poll_once(consumer, index, state);
  }
  consumer.queue().begin_poll(runtime::shard::current().now());
  co_await consumer.stop();
}

task<> watch_commits(runtime::world& world, trial_state& state) {
  client::consumer_core consumer(
      world, *client::make_consumer_configuration({{"bootstrap.servers", "broker:9092"},
                                                   {"group.id", "g"},
                                                   {"reconnect.backoff.max.ms", "200"},
                                                   {"enable.auto.commit", "false"}}));
  consumer.start();
  std::vector<topic_partition> all;
  for (int i = 0; i < state.partitions; ++i) {
    all.push_back({"t", i});
  }
  for (;;) {
    const auto found = co_await consumer.committed(all, runtime::shard::current().now() + 1s);
    for (const auto& [name, place] : found.value_or(client::committed_places())) {
      auto& last = state.committed[name.partition];
      if (place.offset < last) {
        state.failed(fmt::format("commits_never_go_back: {} from {} to {}", name.to_string(), last,
                                 place.offset));
      }
      last = place.offset;
    }
    co_await runtime::sleep_for(50ms);
  }
}

class group_trial {
 public:
  explicit group_trial(std::uint64_t seed);
  group_outcome run();

 private:
  void draw_members();
  void disturb();
  void disturb_broker();
  void disturb_member(std::size_t index);
  void start_member(std::size_t index) {
    state_.members[index].home->start(
        [this, index](runtime::world& world) { return be_member(world, state_, index); });
  }
  bool is_all_done() const;
  void check_calm();
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[random_.below(values.size())];
  }
  runtime::duration up_to(runtime::duration most) {
    return random_.between(runtime::duration(0ms), most);
  }

  runtime::simulated::seeded_random random_;
  trial_state state_;
  runtime::simulated::simulation sim_;
  machine& broker_;
  machine& producer_;
  machine& watcher_;
};

runtime::simulated::simulation_options world_of(std::uint64_t seed) {
  runtime::simulated::seeded_random random(seed * 37);
  runtime::simulated::simulation_options world;
  if (random.chance(0.3)) {
    world.network = {1ms, 30ms};
  }
  if (random.chance(0.3)) {
    world.reset_probability = 0.002;
  }
  return world;
}

group_trial::group_trial(std::uint64_t seed)
    : random_(seed),
      sim_(seed, world_of(seed)),
      broker_(sim_.add_machine("broker", 1)),
      producer_(sim_.add_machine("producer", 1)),
      watcher_(sim_.add_machine("watcher", 1)) {
  state_.partitions = static_cast<int>(random_.between(std::int64_t{1}, std::int64_t{6}));
  state_.records = static_cast<int>(random_.between(std::int64_t{100}, std::int64_t{800}));
  state_.most_pause = one_of<runtime::duration>({1ms, 5ms, 20ms});
  state_.most_processing = one_of<runtime::duration>({0ms, 2ms, 50ms});
  state_.broker.set_usual(state_.partitions);
  state_.broker.set("group.min.session.timeout.ms", "500");
  state_.broker.set("group.initial.rebalance.delay.ms", one_of<std::string>({"0", "300"}));
  state_.broker.set("offsets.topic.num.partitions", "2");
  draw_members();
}

void group_trial::draw_members() {
  const auto strategy = one_of<std::string>(
      {"range", "roundrobin", "sticky", "cooperative-sticky", "cooperative-sticky"});
  // Never longer than max.poll.interval.ms: a member that is cut off reads on until its session has
  // ended, and the coordinator waits only so long for it to join again.
  const bool is_short = random_.chance(0.5);
  const std::string session_timeout = is_short ? "1000" : "3000";
  const std::string poll_interval = is_short ? "1050" : "3200";
  const bool is_static = random_.chance(0.3);
  const auto count = random_.between(std::int64_t{1}, std::int64_t{4});
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name = "member" + std::to_string(i);
    state_.members.push_back(
        {{{"bootstrap.servers", "broker:9092"},
          {"group.id", "g"},
          {"auto.offset.reset", "earliest"},
          {"partition.assignment.strategy", strategy},
          {"session.timeout.ms", session_timeout},
          {"heartbeat.interval.ms", "100"},
          {"socket.connection.setup.timeout.ms", "1000"},
          {"topic.metadata.refresh.interval.ms", "500"},
          {"max.poll.interval.ms", one_of<std::string>({poll_interval, "10000"})},
          {"auto.commit.interval.ms", one_of<std::string>({"1", "50", "1000"})},
          {"reconnect.backoff.max.ms", "200"}},
         &sim_.add_machine(name, 1)});
    if (is_static) {
      state_.members.back().settings["group.instance.id"] = name;
    }
  }
}

void group_trial::disturb_broker() {
  if (random_.chance(0.5)) {
    broker_.crash(crash_kind::process);
    sim_.run_for(up_to(500ms));
    return broker_.restart();
  }
  broker_.stall(up_to(800ms));
}

void group_trial::disturb_member(std::size_t index) {
  machine& home = *state_.members[index].home;
  switch (random_.below(5)) {
    case 0:
      home.crash(crash_kind::process);
      sim_.run_for(up_to(2s));
      return home.restart();
    case 1:
      return sim_.reset_connections(broker_, home);
    case 2:
      return home.stall(up_to(5s));
    case 3:
      if (random_.chance(0.5)) {
        sim_.partition_one_way(broker_, home);
      } else {
        sim_.partition(broker_, home);
      }
      sim_.run_for(up_to(4s));
      return sim_.heal_all();
    default:
      state_.members[index].is_to_leave = true;
      sim_.run_for(up_to(3s));
      if (!home.is_running()) {
        start_member(index);
      }
  }
}

void group_trial::disturb() {
  sim_.run_for(random_.between(runtime::duration(1ms), runtime::duration(1s)));
  if (random_.chance(0.25)) {
    return disturb_broker();
  }
  disturb_member(random_.below(state_.members.size()));
}

bool group_trial::is_all_done() const {
  return state_.is_produced && std::ranges::includes(state_.processed, state_.delivered) &&
         std::ranges::all_of(state_.ends, [this](const auto& end) {
           const auto found = state_.committed.find(end.first);
           return found != state_.committed.end() && found->second == end.second;
         });
}

void group_trial::check_calm() {
  sim_.end_resets();  // three of one member in a row take longer than its session
  sim_.run_for(time_to_stay_calm);
  const int before = state_.outcome.assignments;
  sim_.run_for(time_to_stay_calm);
  if (state_.outcome.assignments != before) {
    state_.failed(fmt::format("each_rebalance_ends: {} more assignments when all is calm",
                              state_.outcome.assignments - before));
  }
  for (int i = 0; i < state_.partitions; ++i) {
    const auto owners = std::ranges::count_if(
        state_.members, [i](const member_state& each) { return each.owned.contains(i); });
    if (owners != 1) {
      state_.failed(fmt::format("each_rebalance_ends: {} own partition {}", owners, i));
    }
  }
}

group_outcome group_trial::run() {
  broker_.start([this](runtime::world& world) { return serve(world, state_.broker); });
  producer_.start([this](runtime::world& world) { return produce(world, state_); });
  watcher_.start([this](runtime::world& world) { return watch_commits(world, state_); });
  for (std::size_t i = 0; i < state_.members.size(); ++i) {
    start_member(i);
  }
  const auto disturbances = random_.below(12);
  for (std::uint64_t i = 0; i < disturbances; ++i) {
    disturb();
  }
  sim_.heal_all();
  for (std::size_t i = 0; i < state_.members.size(); ++i) {
    const member_state& member = state_.members[i];
    sim_.run_until([&] { return !member.is_to_leave || !member.home->is_running(); },
                   time_to_finish);
    if (!member.home->is_running()) {
      start_member(i);
    }
  }
  if (!sim_.run_until([this] { return is_all_done(); }, time_to_finish)) {
    state_.failed(fmt::format("at_least_once: {} of {} delivered records were processed",
                              state_.processed.size(), state_.delivered.size()));
  }
  check_calm();
  state_.outcome.failures = state_.broker.failures;
  state_.outcome.hash = sim_.trace_hash();
  return state_.outcome;
}

}  // namespace

group_outcome run_group_trial(std::uint64_t seed) {
  return group_trial(seed).run();
}

}  // namespace barnabas::trial
