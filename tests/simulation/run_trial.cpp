#include "run_trial.h"

#include <fmt/format.h>

#include "clients.h"
#include "troubled_broker.h"

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;
using runtime::task;
using runtime::simulated::machine;

constexpr auto time_to_finish = 120s;  // after everything has been healed

class running_trial {
 public:
  running_trial(std::uint64_t seed, bool tells);
  outcome run();

 private:
  void start_clients();
  void let_it_work();
  void let_clients_finish();
  bool are_producers_finished() const;

  plan plan_;
  model model_;
  surroundings around_;
  std::vector<std::unique_ptr<producer>> producers_;
  std::vector<std::unique_ptr<reader>> readers_;
  troubled_broker broker_;
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
      broker_(plan_, model_, tells, [this] { model_.power_lost(); }) {
  for (int i = 0; i < plan_.client_machines; ++i) {
    clients_.push_back(&broker_.add_client_machine());
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

// Mostly there is something to lose by then.
void running_trial::let_it_work() {
  if (broker_.random().chance(0.75)) {
    const std::int64_t enough = model_.acknowledged_records() + broker_.random().between(1, 30);
    broker_.simulation().run_until(
        [&] { return model_.acknowledged_records() >= enough || are_producers_finished(); }, 1s);
  }
  broker_.run_for(broker_.up_to(plan_.trouble.longest_pause));
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
  broker_.heal();
  if (!broker_.simulation().run_until([this] { return are_producers_finished(); },
                                      time_to_finish)) {
    for (const auto& each : producers_) {
      if (!each->is_finished()) {
        model_.fail("everything_ends", each->state_text());
      }
    }
  }
  broker_.run_for(300ms);  // the readers see the end
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

outcome running_trial::run() {
  broker_.tell(to_text(plan_));
  try {
    broker_.start();
    start_clients();
    for (int i = 0; i < plan_.trouble.count; ++i) {
      let_it_work();
      if (!broker_.is_running()) {
        break;  // it could not start
      }
      broker_.disturb();
    }
    let_clients_finish();
    around_.should_end = true;
    broker_.read_back([this](runtime::world& world) { return audit(around_, world); },
                      time_to_finish);
  } catch (const std::exception& thrown) {
    model_.fail("broker_never_aborts", thrown.what());
  }
  outcome out;
  out.failures = model_.all();
  out.hash = broker_.simulation().trace_hash() ^ model_.hash();
  out.counts = {{"records acknowledged", model_.acknowledged_records()},
                {"read", model_.seen_records()}};
  add_counts(out, broker_);
  return out;
}

}  // namespace

outcome run_trial(std::uint64_t seed, bool tells) {
  running_trial trial(seed, tells);
  return trial.run();
}

}  // namespace barnabas::trial
