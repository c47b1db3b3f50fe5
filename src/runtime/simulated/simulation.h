// Machines, a network between them, and virtual time, all from one seed: two simulations of one
// seed in which the same is done take exactly the same steps, and trace_hash() shows it. Everything
// runs on the calling thread.
//
//   simulation sim(seed);
//   machine& a = sim.add_machine("a", 2);
//   a.start([](world& w) { return serve(w); });        // a plain function or lambda that calls a
//   coroutine sim.run_until([&] { return done; }, std::chrono::seconds(30));
//
// A machine is reached by its name or its address; "127.0.0.1" and "localhost" are itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/simulated/machine.h"
#include "runtime/simulated/options.h"
#include "runtime/simulated/random.h"

namespace barnabas::runtime::simulated {

class simulation {
 public:
  explicit simulation(std::uint64_t seed, const simulation_options& options = {});
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;
  ~simulation();

  // Lives as long as the simulation. Names are different.
  machine& add_machine(std::string name, int shards);

  // Lets things happen until the predicate is true or so much virtual time has passed; returns the
  // predicate's last value. It is asked after each step.
  bool run_until(const std::function<bool()>& predicate, duration limit);
  void run_for(duration time);
  // Something that the test does, from outside the machines, after some virtual time.
  void after(duration time, std::function<void()> action);

  // Nothing passes between the two until heal(); connections that exist stall, as with TCP, and go
  // on then.
  void partition(const machine& a, const machine& b);
  // Only this direction.
  void partition_one_way(const machine& from, const machine& to);
  void heal(const machine& a, const machine& b);
  void heal_all();
  // Every connection between the two is reset, on both sides.
  void reset_connections(const machine& a, const machine& b);
  // From now on none is reset by chance (reset_probability).
  void end_resets();

  steady_time now() const;
  seeded_random& random();
  // Changes with everything that happens.
  std::uint64_t trace_hash() const;
  // Resumptions of coroutines and the like so far.
  std::uint64_t steps() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace barnabas::runtime::simulated
