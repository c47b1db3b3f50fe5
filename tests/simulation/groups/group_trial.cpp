#include "groups/group_trial.h"

#include <memory>
#include <vector>

#include "groups/member.h"
#include "runtime/task_group.h"
#include "troubled_broker.h"

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;
using runtime::task;
using runtime::simulated::machine;

constexpr auto time_to_settle = 60s;  // after everything has been healed

class running_group_trial {
 public:
  running_group_trial(std::uint64_t seed, bool tells);
  outcome run();

 private:
  void start_members();
  void disturb();
  void kill_members();
  void settle();
  void let_groups_settle();

  group_plan plan_;
  group_model model_;
  group_surroundings around_;
  std::vector<std::unique_ptr<member>> members_;
  std::int64_t member_kills_ = 0;
  troubled_broker broker_;
  std::vector<machine*> clients_;
};

running_group_trial::running_group_trial(std::uint64_t seed, bool tells)
    : plan_(make_group_plan(seed)),
      model_(plan_),
      around_{plan_, model_},
      broker_(plan_, model_, tells, [] {}) {
  for (int i = 0; i < plan_.client_machines; ++i) {
    clients_.push_back(&broker_.add_client_machine());
  }
}

task<> run_members(runtime::world& world, std::vector<member*> members) {
  runtime::task_group group("members");
  for (member* each : members) {
    group.spawn(each->run(world));
  }
  co_await group.join();
}

void running_group_trial::start_members() {
  std::vector<std::vector<member*>> of_machine(clients_.size());
  for (const member_plan& each : plan_.members) {
    members_.push_back(std::make_unique<member>(around_, each));
    of_machine[members_.size() % clients_.size()].push_back(members_.back().get());
  }
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    clients_[i]->start(
        [all = of_machine[i]](runtime::world& world) { return run_members(world, all); });
  }
}

void running_group_trial::kill_members() {
  machine& client = *clients_[broker_.random().below(clients_.size())];
  const bool power = broker_.random().chance(0.5);
  broker_.tell(client.name() + (power ? " loses its power" : " is killed"));
  ++member_kills_;
  client.crash(power ? runtime::simulated::crash_kind::power
                     : runtime::simulated::crash_kind::process);
  broker_.run_for(broker_.up_to(1s));
  broker_.tell(client.name() + " starts");
  client.restart();
}

void running_group_trial::disturb() {
  broker_.run_for(broker_.up_to(1s));
  broker_.run_for(broker_.up_to(plan_.trouble.longest_pause));
  if (plan_.has_member_crashes && broker_.random().chance(0.5)) {
    kill_members();
  } else if (broker_.is_running()) {
    broker_.disturb();
  }
}

void running_group_trial::settle() {
  if (broker_.simulation().run_until([this] { return model_.is_settled(); }, time_to_settle)) {
    return;
  }
  std::string text = model_.unsettled_text();
  for (const auto& each : members_) {
    text += " " + each->last_problem();
  }
  model_.fail("every_rebalance_ends", text);
}

void running_group_trial::let_groups_settle() {
  broker_.heal();
  around_.is_calm = true;
  settle();
  broker_.run_for(2s);  // members that died expire, and that is a rebalance
  settle();
  if (plan_.world.reset_probability == 0) {
    broker_.run_for(1s);
    if (!model_.is_settled()) {
      model_.fail("a_settled_group_stays", model_.unsettled_text());
    }
  }
}

task<> audit(group_surroundings& around, runtime::world& world) {
  constexpr int most_attempts = 200;
  result<> done;
  for (int i = 0; i < most_attempts; ++i) {
    done = co_await read_offsets(around, world);
    if (done) {
      co_return;
    }
    co_await runtime::sleep_for(20ms);
  }
  around.model.fail("everything_ends", "reading offsets back: " + done.error().message);
}

outcome running_group_trial::run() {
  broker_.tell(to_text(plan_));
  try {
    broker_.start();
    start_members();
    for (int i = 0; i < plan_.trouble.count; ++i) {
      disturb();
    }
    let_groups_settle();
    around_.should_end = true;
    broker_.read_back([this](runtime::world& world) { return audit(around_, world); },
                      time_to_settle);
  } catch (const std::exception& thrown) {
    model_.fail("broker_never_aborts", thrown.what());
  }
  outcome out;
  out.failures = model_.all();
  out.hash = broker_.simulation().trace_hash() ^ model_.hash();
  out.counts = {{"generations", model_.generations()},
                {"partitions committed", model_.commits()},
                {"kills of members", member_kills_}};
  add_counts(out, broker_);
  return out;
}

}  // namespace

outcome run_group_trial(std::uint64_t seed, bool tells) {
  running_group_trial trial(seed, tells);
  return trial.run();
}

}  // namespace barnabas::trial
