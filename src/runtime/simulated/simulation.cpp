#include "runtime/simulated/simulation.h"

#include "base/ensure.h"
#include "runtime/simulated/detail/clockwork.h"
#include "runtime/simulated/detail/network_state.h"
#include "runtime/simulated/detail/simulated_shard.h"

namespace barnabas::runtime::simulated {

struct simulation::state {
  state(std::uint64_t seed, const simulation_options& options)
      : clock(seed, options), network(clock) {}

  void take_step() {
    detail::event next = clock.events.pop();
    clock.now = std::max(clock.now, next.due);
    if (next.target == nullptr) {
      next.action();
    } else if (next.life == next.target->life()) {
      next.target->enqueue(std::move(next.action));
    }
  }

  detail::clockwork clock;
  detail::network_state network;
  std::vector<std::unique_ptr<machine>> machines;
};

simulation::simulation(std::uint64_t seed, const simulation_options& options)
    : state_(std::make_unique<state>(seed, options)) {}

simulation::~simulation() = default;

machine& simulation::add_machine(std::string name, int shards) {
  ensure(shards > 0, "a machine has a shard");
  const std::uint64_t number = state_->machines.size() + 1;
  state_->machines.push_back(
      std::make_unique<machine>(state_->clock, state_->network, std::move(name), number, shards));
  machine& added = *state_->machines.back();
  state_->network.add(added);
  return added;
}

bool simulation::run_until(const std::function<bool()>& predicate, duration limit) {
  detail::clockwork& clock = state_->clock;
  const steady_time end = clock.now + limit;
  while (!predicate()) {
    if (clock.events.is_empty() || clock.events.earliest() > end) {
      clock.now = end;
      return predicate();
    }
    state_->take_step();
  }
  return true;
}

void simulation::run_for(duration time) {
  run_until([] { return false; }, time);
}

void simulation::after(duration time, std::function<void()> action) {
  state_->clock.at(state_->clock.now + time, std::move(action));
}

void simulation::partition(const machine& a, const machine& b) {
  partition_one_way(a, b);
  partition_one_way(b, a);
}

void simulation::partition_one_way(const machine& from, const machine& to) {
  state_->network.cut(from, to);
}

void simulation::heal(const machine& a, const machine& b) {
  state_->network.heal(a, b);
  state_->network.heal(b, a);
}

void simulation::heal_all() {
  for (const auto& a : state_->machines) {
    for (const auto& b : state_->machines) {
      state_->network.heal(*a, *b);
    }
  }
}

void simulation::reset_connections(const machine& a, const machine& b) {
  state_->network.reset_between(a, b);
}

void simulation::end_resets() {
  state_->clock.options.reset_probability = 0;
}

steady_time simulation::now() const {
  return state_->clock.now;
}
seeded_random& simulation::random() {
  return state_->clock.random;
}
std::uint64_t simulation::trace_hash() const {
  return state_->clock.trace_hash;
}
std::uint64_t simulation::steps() const {
  return state_->clock.steps;
}

}  // namespace barnabas::runtime::simulated
