// One machine of a simulation, as the world of the process that runs on it: its shards, its disk,
// its address. The process dies with crash() and comes back with restart(); the disk stays. All
// calls but those of `world` come from outside: from the test, or from an action of
// simulation::at().
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/simulated/disk.h"
#include "runtime/task_group.h"
#include "runtime/world.h"

namespace barnabas::runtime::simulated {

namespace detail {
struct clockwork;
class network_state;
class simulated_shard;
}  // namespace detail

enum class crash_kind : std::uint8_t {
  process,  // kill -9: what was written is in the page cache, peers see their connections reset
  power,    // what was not synced is lost or torn, peers hear nothing
};

enum class machine_state : std::uint8_t {
  idle,  // never started, or main has ended
  running,
  killed,  // the process has died, the machine answers
  dark,    // without power
};

class machine final : public world {
 public:
  using main_function = std::function<task<>(world&)>;

  machine(detail::clockwork& clock, detail::network_state& network, std::string name,
          std::uint64_t number, int shards);
  ~machine() override;

  // Runs main on shard 0, soon. An exception that leaves it is thrown by the simulation's run call.
  void start(main_function main);
  // Destroys all coroutines of the process where they wait.
  void crash(crash_kind kind);
  // Starts the same main again, on what the disk has.
  void restart();

  machine_state state() const { return state_; }
  bool is_running() const { return state_ == machine_state::running; }
  const std::string& name() const { return name_; }
  // 1, 2, ... in order of adding.
  std::uint64_t number() const { return number_; }
  // "10.0.0.N": what peers see.
  std::string address() const { return "10.0.0." + std::to_string(number_); }
  simulated::disk& disk() { return disk_; }
  // Nothing of the process runs for so long (a stopped virtual machine); files and network go on.
  void stall(duration time);
  // How far the wall clock is off; it jumps.
  void set_clock_offset(duration offset) { clock_offset_ = offset; }

  int shard_count() const override { return static_cast<int>(shards_.size()); }
  shard& shard_at(int index) override;
  file_system& files() override { return disk_; }
  network& sockets() override { return *sockets_; }

  // For the simulation's parts.
  bool is_accepting_work() const { return is_running() && !is_dying_; }
  // While a process is taken apart: by which kind of crash.
  bool is_losing_power() const { return is_dying_ && state_ == machine_state::dark; }
  bool is_dying() const { return is_dying_; }
  // Which of its processes this is.
  std::uint64_t life() const;
  std::int64_t wall_clock_ms() const;
  void run_on_file_thread(blocking_work& work, detail::simulated_shard& home);

 private:
  struct file_work {
    blocking_work* work;
    detail::simulated_shard* home;
  };

  task<> run_main();
  void end_process();
  void start_file_work();
  void do_file_work(file_work item);

  detail::clockwork& clock_;
  detail::network_state& network_;
  std::string name_;
  std::uint64_t number_;
  simulated::disk disk_;
  std::unique_ptr<network> sockets_;
  std::vector<std::unique_ptr<detail::simulated_shard>> shards_;
  duration clock_offset_{};
  machine_state state_ = machine_state::idle;
  bool is_dying_ = false;
  int busy_file_threads_ = 0;
  std::deque<file_work> file_line_;
  main_function main_;
  std::unique_ptr<task_group> process_;
};

}  // namespace barnabas::runtime::simulated
