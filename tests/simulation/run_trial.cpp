#include "run_trial.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "broker/broker.h"
#include "clients.h"
#include "metastore/memory_store.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;
using runtime::task;
using runtime::simulated::crash_kind;
using runtime::simulated::disk_operation;
using runtime::simulated::machine;

constexpr auto time_to_finish = 120s;  // after everything has been healed

// The broker's process, seen from the test.
struct broker_process {
  const struct plan& plan;
  class model& model;
  metastore::memory_store store;
  bool should_stop = false;
  bool is_serving = false;
  bool may_refuse_to_start = false;  // its disk fails
};

task<> serve(runtime::world& world, broker_process& process) {
  broker::config_remarks remarks;
  auto config = broker::make_server_config(process.plan.settings, remarks);
  if (!config) {
    process.model.fail("settings", config.error().message);
    co_return;
  }
  broker::broker it(world, std::move(*config), &process.store);
  if (auto started = co_await it.start(); !started) {
    if (!process.may_refuse_to_start) {
      process.model.fail("restart_always_succeeds", started.error().message);
    }
  } else {
    process.is_serving = true;
    while (!process.should_stop) {
      co_await runtime::sleep_for(10ms);
    }
    process.is_serving = false;
  }
  co_await it.stop();
}

class running_trial {
 public:
  running_trial(std::uint64_t seed, bool tells);
  outcome run();

 private:
  enum class restart_kind : std::uint8_t { kill, power, clean };

  void start_clients();
  void let_it_work();
  void disturb();
  void restart_broker(restart_kind kind);
  void restart_somehow();
  void stop_broker();
  void disturb_network();
  void disturb_disk();
  void let_clients_finish();
  void read_back();
  void tell(const std::string& what) const;
  void run_for(runtime::duration time) { sim_.run_for(time); }
  runtime::duration up_to(runtime::duration most) { return random_.between(0ns, most); }
  bool are_producers_finished() const;

  plan plan_;
  model model_;
  surroundings around_;
  broker_process process_;
  runtime::simulated::seeded_random random_;
  std::vector<std::unique_ptr<producer>> producers_;
  std::vector<std::unique_ptr<reader>> readers_;
  outcome outcome_;
  bool tells_;
  bool had_sync_fault_ =
      false;  // the page cache is not what the disk has: only a loss of power helps
  runtime::simulated::simulation sim_;
  runtime::steady_time begin_ = sim_.now();
  machine* broker_ = nullptr;
  std::vector<machine*> clients_;
};

std::vector<bool> idempotent_producers(const plan& plan) {
  std::vector<bool> all;
  for (const producer_plan& each : plan.producers) {
    all.push_back(each.is_idempotent);
  }
  return all;
}

running_trial::running_trial(std::uint64_t seed, bool tells)
    : plan_(make_plan(seed)),
      model_(plan_.partitions, idempotent_producers(plan_)),
      around_{plan_, model_},
      process_{plan_, model_, {}},
      random_(seed ^ 0x5bd1e995),
      tells_(tells),
      sim_(seed, plan_.world) {
  broker_ = &sim_.add_machine(broker_name, plan_.shards);
  for (int i = 0; i < plan_.client_machines; ++i) {
    clients_.push_back(&sim_.add_machine(fmt::format("client{}", i), 1));
  }
}

void running_trial::tell(const std::string& what) const {
  if (tells_) {
    const auto ms = (sim_.now() - begin_) / 1ms;
    std::fputs(fmt::format("{:>6} ms  {}\n", ms, what).c_str(), stderr);
  }
}

task<> run_clients(runtime::world& world, std::vector<producer*> producers,
                   std::vector<reader*> readers) {
  runtime::task_group group("clients");
  for (producer* each : producers) {
    group.spawn(each->run(world));
  }
  for (reader* each : readers) {
    group.spawn(each->run(world));
  }
  co_await group.join();
}

void running_trial::start_clients() {
  std::vector<std::vector<producer*>> producers(clients_.size());
  std::vector<std::vector<reader*>> readers(clients_.size());
  for (const producer_plan& each : plan_.producers) {
    producers_.push_back(std::make_unique<producer>(around_, each));
    producers[producers_.size() % clients_.size()].push_back(producers_.back().get());
  }
  for (const reader_plan& each : plan_.readers) {
    readers_.push_back(std::make_unique<reader>(around_, each));
    readers[readers_.size() % clients_.size()].push_back(readers_.back().get());
  }
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    clients_[i]->start([p = producers[i], r = readers[i]](runtime::world& world) {
      return run_clients(world, p, r);
    });
  }
}

void running_trial::restart_broker(restart_kind kind) {
  broker_->disk().clear_faults();
  for (const std::string& folder : plan_.log_dirs) {
    broker_->disk().set_capacity(folder, -1);
  }
  if (kind == restart_kind::clean) {
    stop_broker();
  } else if (kind == restart_kind::power) {
    tell("loss of power");
    ++outcome_.power_losses;
    had_sync_fault_ = false;
    model_.power_lost();
    broker_->crash(crash_kind::power);
  } else {
    tell("kill");
    ++outcome_.process_kills;
    broker_->crash(crash_kind::process);
  }
  process_.is_serving = process_.should_stop = process_.may_refuse_to_start = false;
  run_for(up_to(300ms));
  tell("start");
  broker_->restart();
}

void running_trial::stop_broker() {
  tell("stop");
  process_.should_stop = true;
  const auto begin = sim_.now();
  if (!sim_.run_until([this] { return !broker_->is_running(); }, 10s)) {
    model_.fail("stops_in_time", "a clean stop takes more than 10 s");
    broker_->crash(crash_kind::process);
  }
  tell(fmt::format("stopped after {} ms", (sim_.now() - begin) / 1ms));
}

void running_trial::restart_somehow() {
  const disturbances& trouble = plan_.trouble;
  if (had_sync_fault_) {
    return restart_broker(restart_kind::power);
  }
  if (trouble.clean_stops && process_.is_serving && random_.chance(0.3)) {
    return restart_broker(restart_kind::clean);
  }
  const bool power = trouble.power_losses && (!trouble.process_kills || random_.chance(0.5));
  restart_broker(power ? restart_kind::power : restart_kind::kill);
}

void running_trial::disturb_network() {
  machine& client = *clients_[random_.below(clients_.size())];
  switch (random_.below(4)) {
    case 0:
      tell("connections are reset");
      return sim_.reset_connections(*broker_, client);
    case 1:
      tell("the broker stalls");
      return broker_->stall(up_to(500ms));
    case 2:
      tell("what the broker sends is lost");
      sim_.partition_one_way(*broker_, client);
      break;
    default:
      tell("the network is cut");
      sim_.partition(*broker_, client);
  }
  sim_.after(up_to(3s), [this, &client] {
    tell("the network is healed");
    sim_.heal(*broker_, client);
  });
}

void running_trial::disturb_disk() {
  const std::string folder = plan_.log_dirs[random_.below(plan_.log_dirs.size())];
  ++outcome_.disk_faults;
  process_.may_refuse_to_start = true;
  if (plan_.trouble.sync_faults && (!plan_.trouble.write_faults || random_.chance(0.5))) {
    tell("a sync will fail below " + folder);
    had_sync_fault_ = true;
    return broker_->disk().inject({disk_operation::sync, folder, EIO, 1, 1});
  }
  if (random_.chance(0.5)) {
    tell("little room below " + folder);
    broker_->disk().set_capacity(folder, random_.between(100, 30'000));
  } else {
    tell("writes fail below " + folder);
    const int error_number = random_.chance(0.5) ? EIO : ENOSPC;
    broker_->disk().inject({disk_operation::write, folder, error_number, 0.3, -1});
  }
  sim_.after(up_to(800ms), [this, folder] {
    tell("writes work");
    broker_->disk().set_capacity(folder, -1);
    if (!had_sync_fault_) {
      broker_->disk().clear_faults();
    }
  });
}

// Mostly there is something to lose by then.
void running_trial::let_it_work() {
  if (random_.chance(0.75)) {
    const std::int64_t enough = model_.acknowledged_records() + random_.between(1, 30);
    sim_.run_until(
        [&] { return model_.acknowledged_records() >= enough || are_producers_finished(); }, 1s);
  }
  run_for(up_to(plan_.trouble.longest_pause));
}

void running_trial::disturb() {
  const disturbances& trouble = plan_.trouble;
  if (trouble.network_faults && random_.chance(0.4)) {
    disturb_network();
  } else if ((trouble.write_faults || trouble.sync_faults) && random_.chance(0.4)) {
    disturb_disk();
  } else {
    restart_somehow();
  }
}

bool running_trial::are_producers_finished() const {
  for (const auto& each : producers_) {
    if (!each->is_finished()) {
      return false;
    }
  }
  return true;
}

void running_trial::let_clients_finish() {
  tell("everything is healed");
  sim_.heal_all();
  restart_broker(had_sync_fault_ ? restart_kind::power : restart_kind::kill);
  if (!sim_.run_until([this] { return are_producers_finished(); }, time_to_finish)) {
    for (const auto& each : producers_) {
      if (!each->is_finished()) {
        model_.fail("everything_ends", each->state_text());
      }
    }
  }
  run_for(300ms);  // the readers see the end
}

task<> audit(surroundings& around, runtime::world& world) {
  constexpr int most_attempts = 200;
  result<std::vector<std::vector<record_id>>> logs;
  for (int i = 0; i < most_attempts; ++i) {
    logs = co_await read_all(around, world);
    if (logs) {
      break;
    }
    co_await runtime::sleep_for(20ms);
  }
  if (!logs) {
    around.model.fail("offsets_dense", "reading everything back: " + logs.error().message);
    co_return;
  }
  for (std::size_t i = 0; i < logs->size(); ++i) {
    around.model.compare(static_cast<std::int32_t>(i), (*logs)[i]);
  }
}

void running_trial::read_back() {
  around_.should_end = true;
  restart_somehow();
  tell("reading everything back");
  machine& auditor = sim_.add_machine("auditor", 1);
  auditor.start([this](runtime::world& world) { return audit(around_, world); });
  if (!sim_.run_until([&] { return !auditor.is_running(); }, time_to_finish)) {
    model_.fail("everything_ends", "reading everything back does not end");
  }
  stop_broker();
}

outcome running_trial::run() {
  tell(to_text(plan_));
  try {
    broker_->start([this](runtime::world& world) { return serve(world, process_); });
    start_clients();
    for (int i = 0; i < plan_.trouble.count; ++i) {
      let_it_work();
      if (!broker_->is_running()) {
        break;  // it could not start
      }
      disturb();
    }
    let_clients_finish();
    read_back();
  } catch (const std::exception& thrown) {
    model_.fail("broker_never_aborts", thrown.what());
  }
  outcome_.failures = model_.failures();
  outcome_.acknowledged_records = model_.acknowledged_records();
  outcome_.seen_records = model_.seen_records();
  outcome_.hash = sim_.trace_hash() ^ model_.hash();
  outcome_.steps = sim_.steps();
  return outcome_;
}

}  // namespace

outcome run_trial(std::uint64_t seed, bool tells) {
  running_trial trial(seed, tells);
  return trial.run();
}

}  // namespace barnabas::trial
