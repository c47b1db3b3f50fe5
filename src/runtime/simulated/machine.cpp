#include "runtime/simulated/machine.h"

#include "base/ensure.h"
#include "runtime/detail/world_end.h"
#include "runtime/simulated/detail/clockwork.h"
#include "runtime/simulated/detail/network_state.h"
#include "runtime/simulated/detail/simulated_network.h"
#include "runtime/simulated/detail/simulated_shard.h"

namespace barnabas::runtime::simulated {
namespace {

// 2026-01-01 00:00 UTC, where every simulation begins.
constexpr std::int64_t first_moment_ms = 1'767'225'600'000;

}  // namespace

machine::machine(detail::clockwork& clock, detail::network_state& network, std::string name,
                 std::uint64_t number, int shards)
    : clock_(clock),
      network_(network),
      name_(std::move(name)),
      number_(number),
      disk_(clock),
      sockets_(std::make_unique<detail::simulated_network>(clock, network, *this)) {
  const duration skew = clock.options.clock_skew;
  clock_offset_ = clock.random.between(-skew, skew);
  for (int i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<detail::simulated_shard>(clock, *this, i, shards));
  }
}

machine::~machine() {
  if (is_running()) {
    machine::crash(crash_kind::power);
  }
}

void machine::start(main_function main) {
  main_ = std::move(main);
  restart();
}

void machine::restart() {
  ensure(!is_running(), "a machine runs one process at a time");
  ensure(main_ != nullptr, "a machine is started before it is restarted");
  const bool was_dark = state_ == machine_state::dark;
  state_ = machine_state::running;
  clock_.trace(7, number_);
  if (was_dark) {
    network_.power_restored(*this);
  }
  shards_[0]->enqueue([this] {
    process_ = std::make_unique<task_group>("main");
    process_->spawn(run_main());
  });
}

task<> machine::run_main() {
  std::exception_ptr thrown;
  try {
    co_await main_(*this);
  } catch (...) {
    thrown = std::current_exception();
  }
  clock_.at(clock_.now, [this, thrown, life = life()] {
    if (life != this->life()) {
      return;
    }
    clock_.trace(8, number_);
    state_ = machine_state::idle;
    end_process();
    if (thrown) {
      std::rethrow_exception(thrown);
    }
  });
}

void machine::crash(crash_kind kind) {
  const detail::simulated_shard* const here = detail::simulated_shard::here();
  ensure(here == nullptr || &shards_.at(0)->home() != this, "a machine is crashed from outside");
  clock_.trace(9, number_);
  const bool was_running = is_running();
  state_ = kind == crash_kind::power ? machine_state::dark : machine_state::killed;
  if (was_running) {
    end_process();
  }
  if (kind == crash_kind::power) {
    network_.power_lost(*this);
    disk_.lose_power();
  }
}

// Coroutines go with their owner; whatever their destructors try to do on the way has no effect.
void machine::end_process() {
  is_dying_ = true;
  disk_.freeze();
  {
    const runtime::detail::world_ending ending;
    const detail::simulated_shard::inside here(shards_[0].get());
    process_.reset();
  }
  for (const auto& each : shards_) {
    each->end_life();
  }
  file_line_.clear();
  busy_file_threads_ = 0;
  disk_.thaw();
  is_dying_ = false;
}

void machine::stall(duration time) {
  clock_.trace(14, number_);
  for (const auto& each : shards_) {
    each->stall(time);
  }
}

shard& machine::shard_at(int index) {
  return *shards_.at(static_cast<std::size_t>(index));
}

std::uint64_t machine::life() const {
  return shards_[0]->life();
}

std::int64_t machine::wall_clock_ms() const {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
      clock_.now.time_since_epoch() + clock_offset_);
  return first_moment_ms + passed.count();
}

void machine::run_on_file_thread(blocking_work& work, detail::simulated_shard& home) {
  file_line_.push_back({&work, &home});
  start_file_work();
}

void machine::start_file_work() {
  while (busy_file_threads_ < clock_.options.file_threads && !file_line_.empty()) {
    ++busy_file_threads_;
    const file_work next = file_line_.front();
    file_line_.pop_front();
    clock_.at(clock_.now + clock_.draw(clock_.options.post), [this, next, life = life()] {
      if (life == this->life()) {
        do_file_work(next);
      }
    });
  }
}

void machine::do_file_work(file_work item) {
  clock_.trace(10, number_);
  duration spent = clock_.draw(clock_.options.post);
  clock_.spending = &spent;
  item.work->run();
  clock_.spending = nullptr;
  clock_.at(clock_.now + spent, [this, item, life = life()] {
    if (life != this->life()) {
      return;
    }
    --busy_file_threads_;
    item.home->enqueue([work = item.work] { work->finished(); });
    start_file_work();
  });
}

}  // namespace barnabas::runtime::simulated
