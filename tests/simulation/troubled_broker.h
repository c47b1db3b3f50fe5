// The broker under test on its simulated machine, and everything that is done to it: killed, left
// without power, stopped, cut off, with failing and full disks. Owned by the test, outside of the
// machines; the simulation is its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "failures.h"
#include "metastore/memory_store.h"
#include "plan.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::trial {

class troubled_broker {
 public:
  // Plan and failures outlive it. `power_is_lost` is called before each loss of power; `tells`:
  // says on standard error what it does.
  troubled_broker(const broker_plan& plan, class failures& failures, bool tells,
                  std::function<void()> power_is_lost);

  runtime::simulated::simulation& simulation() { return sim_; }
  runtime::simulated::seeded_random& random() { return random_; }
  bool is_running() const { return machine_->is_running(); }
  void tell(const std::string& what) const;
  // The machine of clients; what disturbs the network is between it and the broker.
  runtime::simulated::machine& add_client_machine();
  void run_for(runtime::duration time) { sim_.run_for(time); }
  runtime::duration up_to(runtime::duration most);

  void start();
  // One of the troubles that the plan has.
  void disturb();
  // Everything works again, with a restart.
  void heal();
  // After a restart `audit` runs on a machine of its own; then the broker is stopped. A failure
  // when it has not ended by then.
  void read_back(std::function<runtime::task<>(runtime::world&)> audit, runtime::duration patience);
  void stop();

  struct counts {
    int process_kills = 0;
    int power_losses = 0;
    int disk_faults = 0;
  };
  const counts& totals() const { return totals_; }

 private:
  enum class restart_kind : std::uint8_t { kill, power, clean };
  // The broker's process, seen from the test.
  struct process {
    const broker_plan& plan;
    class failures& failures;
    metastore::memory_store store;
    bool should_stop = false;
    bool is_serving = false;
    bool may_refuse_to_start = false;  // its disk fails
  };

  static runtime::task<> serve(runtime::world& world, process& it);
  void restart(restart_kind kind);
  void restart_somehow();
  void disturb_network();
  void disturb_disk();

  const broker_plan& plan_;
  process process_;
  std::function<void()> power_is_lost_;
  runtime::simulated::seeded_random random_;
  bool tells_;
  // The page cache is not what the disk has: only a loss of power helps.
  bool had_sync_fault_ = false;
  counts totals_;
  runtime::simulated::simulation sim_;
  runtime::steady_time begin_ = sim_.now();
  runtime::simulated::machine* machine_ = nullptr;
  std::vector<runtime::simulated::machine*> clients_;
};

}  // namespace barnabas::trial
