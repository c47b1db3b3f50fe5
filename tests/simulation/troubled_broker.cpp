#include "troubled_broker.h"

#include <cerrno>
#include <cstdio>

#include "broker/broker.h"
#include "broker/server_config.h"
#include "run_trial.h"
#include "runtime/wait.h"

namespace barnabas::trial {

using namespace std::chrono_literals;
using runtime::task;
using runtime::simulated::crash_kind;
using runtime::simulated::disk_operation;
using runtime::simulated::machine;

troubled_broker::troubled_broker(const broker_plan& plan, class failures& failures, bool tells,
                                 std::function<void()> power_is_lost)
    : plan_(plan),
      process_{plan, failures, {}},
      power_is_lost_(std::move(power_is_lost)),
      random_(plan.seed ^ 0x5bd1e995),
      tells_(tells),
      sim_(plan.seed, plan.world),
      machine_(&sim_.add_machine(broker_name, plan.shards)) {}

machine& troubled_broker::add_client_machine() {
  clients_.push_back(&sim_.add_machine(fmt::format("client{}", clients_.size()), 1));
  return *clients_.back();
}

runtime::duration troubled_broker::up_to(runtime::duration most) {
  return random_.between(0ns, most);
}

task<> troubled_broker::serve(runtime::world& world, process& it) {
  broker::config_remarks remarks;
  auto config = broker::make_server_config(it.plan.settings, remarks);
  if (!config) {
    it.failures.fail("settings", config.error().message);
    co_return;
  }
  broker::broker broker(world, std::move(*config), &it.store);
  if (auto started = co_await broker.start(); !started) {
    if (!it.may_refuse_to_start) {
      it.failures.fail("restart_always_succeeds", started.error().message);
    }
  } else {
    it.is_serving = true;
    while (!it.should_stop) {
      co_await runtime::sleep_for(10ms);
    }
    it.is_serving = false;
  }
  co_await broker.stop();
}

void troubled_broker::tell(const std::string& what) const {
  if (tells_) {
    const auto ms = (sim_.now() - begin_) / 1ms;
    std::fputs(fmt::format("{:>6} ms  {}\n", ms, what).c_str(), stderr);
  }
}

void troubled_broker::restart(restart_kind kind) {
  machine_->disk().clear_faults();
  for (const std::string& folder : plan_.log_dirs) {
    machine_->disk().set_capacity(folder, -1);
  }
  if (kind == restart_kind::clean) {
    stop();
  } else if (kind == restart_kind::power) {
    tell("loss of power");
    ++totals_.power_losses;
    had_sync_fault_ = false;
    power_is_lost_();
    machine_->crash(crash_kind::power);
  } else {
    tell("kill");
    ++totals_.process_kills;
    machine_->crash(crash_kind::process);
  }
  process_.is_serving = process_.should_stop = process_.may_refuse_to_start = false;
  run_for(up_to(300ms));
  tell("start");
  machine_->restart();
}

void troubled_broker::read_back(std::function<task<>(runtime::world&)> audit,
                                runtime::duration patience) {
  restart_somehow();
  tell("reading everything back");
  machine& auditor = sim_.add_machine("auditor", 1);
  auditor.start(std::move(audit));
  if (!sim_.run_until([&] { return !auditor.is_running(); }, patience)) {
    process_.failures.fail("everything_ends", "reading everything back does not end");
  }
  stop();
}

void troubled_broker::stop() {
  tell("stop");
  process_.should_stop = true;
  const auto begin = sim_.now();
  if (!sim_.run_until([this] { return !machine_->is_running(); }, 10s)) {
    process_.failures.fail("stops_in_time", "a clean stop takes more than 10 s");
    machine_->crash(crash_kind::process);
  }
  tell(fmt::format("stopped after {} ms", (sim_.now() - begin) / 1ms));
}

void troubled_broker::restart_somehow() {
  const disturbances& trouble = plan_.trouble;
  if (had_sync_fault_) {
    return restart(restart_kind::power);
  }
  if (trouble.clean_stops && process_.is_serving && random_.chance(0.3)) {
    return restart(restart_kind::clean);
  }
  const bool power = trouble.power_losses && (!trouble.process_kills || random_.chance(0.5));
  restart(power ? restart_kind::power : restart_kind::kill);
}

void troubled_broker::disturb_network() {
  machine& client = *clients_[random_.below(clients_.size())];
  switch (random_.below(4)) {
    case 0:
      tell("connections are reset");
      return sim_.reset_connections(*machine_, client);
    case 1:
      tell("the broker stalls");
      return machine_->stall(up_to(500ms));
    case 2:
      tell("what the broker sends is lost");
      sim_.partition_one_way(*machine_, client);
      break;
    default:
      tell("the network is cut");
      sim_.partition(*machine_, client);
  }
  sim_.after(up_to(3s), [this, &client] {
    tell("the network is healed");
    sim_.heal(*machine_, client);
  });
}

void troubled_broker::disturb_disk() {
  const std::string folder = plan_.log_dirs[random_.below(plan_.log_dirs.size())];
  ++totals_.disk_faults;
  process_.may_refuse_to_start = true;
  if (plan_.trouble.sync_faults && (!plan_.trouble.write_faults || random_.chance(0.5))) {
    tell("a sync will fail below " + folder);
    had_sync_fault_ = true;
    return machine_->disk().inject({disk_operation::sync, folder, EIO, 1, 1});
  }
  if (random_.chance(0.5)) {
    tell("little room below " + folder);
    machine_->disk().set_capacity(folder, random_.between(100, 30'000));
  } else {
    tell("writes fail below " + folder);
    const int error_number = random_.chance(0.5) ? EIO : ENOSPC;
    machine_->disk().inject({disk_operation::write, folder, error_number, 0.3, -1});
  }
  sim_.after(up_to(800ms), [this, folder] {
    tell("writes work");
    machine_->disk().set_capacity(folder, -1);
    if (!had_sync_fault_) {
      machine_->disk().clear_faults();
    }
  });
}

void troubled_broker::disturb() {
  const disturbances& trouble = plan_.trouble;
  if (trouble.network_faults && random_.chance(0.4)) {
    disturb_network();
  } else if ((trouble.write_faults || trouble.sync_faults) && random_.chance(0.4)) {
    disturb_disk();
  } else {
    restart_somehow();
  }
}

void troubled_broker::start() {
  machine_->start([this](runtime::world& world) { return serve(world, process_); });
}

void troubled_broker::heal() {
  tell("everything is healed");
  sim_.heal_all();
  restart(had_sync_fault_ ? restart_kind::power : restart_kind::kill);
}

void add_counts(outcome& to, troubled_broker& from) {
  to.counts.emplace_back("kills", from.totals().process_kills);
  to.counts.emplace_back("losses of power", from.totals().power_losses);
  to.counts.emplace_back("disk faults", from.totals().disk_faults);
  to.counts.emplace_back("steps", static_cast<std::int64_t>(from.simulation().steps()));
}

}  // namespace barnabas::trial
