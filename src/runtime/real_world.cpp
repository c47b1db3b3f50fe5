#include "runtime/real_world.h"

#include <pthread.h>
#include <sched.h>

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <deque>
#include <thread>

#include "base/ensure.h"
#include "base/log.h"
#include "runtime/detail/file_threads.h"
#include "runtime/detail/real_file_system.h"
#include "runtime/detail/real_network.h"
#include "runtime/detail/real_shard.h"
#include "runtime/detail/world_end.h"
#include "runtime/task_group.h"

namespace barnabas::runtime {
namespace {

cpu_set_t allowed_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) {
    CPU_SET(0, &allowed);
  }
  return allowed;
}

// Whole cores' worth of time that a cgroup (version 2) allows, rounded up; a large number without a
// limit.
int quota_in_cores() {
  detail::real_file_system files;
  std::array<char, 64> text{};  // the kernel gives such a file no size
  if (const auto opened = files.open("/sys/fs/cgroup/cpu.max", open_mode::read)) {
    static_cast<void>(
        (*opened)->read_at(std::as_writable_bytes(std::span(text)).first(text.size() - 1), 0));
  }
  std::int64_t quota = 0;
  std::int64_t period = 0;
  if (std::sscanf(text.data(), "%" SCNd64 " %" SCNd64, &quota, &period) != 2 || quota <= 0 ||
      period <= 0) {
    return CPU_SETSIZE;
  }
  return static_cast<int>(std::min<std::int64_t>((quota + period - 1) / period, CPU_SETSIZE));
}

void run_on(const cpu_set_t& cores) {
  // A refusal (some containers) costs only speed.
  ::pthread_setaffinity_np(::pthread_self(), sizeof(cores), &cores);
}

// The index-th of the allowed cores, round and round.
cpu_set_t core_of(int index, const cpu_set_t& allowed) {
  int left = index % CPU_COUNT(&allowed);
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed) && left-- == 0) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(core, &one);
      return one;
    }
  }
  return allowed;
}

// Where the signal handler writes the numbers of signals; -1: nowhere.
std::atomic<int> signal_pipe = -1;

extern "C" void write_signal(int number) {
  const int before = errno;
  const auto byte = static_cast<char>(number);
  static_cast<void>(::write(signal_pipe.load(), &byte, 1));
  errno = before;
}

// What arrived, in order, and who waits for it.
class signal_inbox final : detail::event_handler {
 public:
  explicit signal_inbox(detail::real_shard& home) : home_(home) {
    const bool is_made = ::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) == 0;
    ensure(is_made && home.watch(ends_[0], *this) == 0, "a pipe for signals");
    signal_pipe = ends_[1];
  }
  signal_inbox(const signal_inbox&) = delete;
  signal_inbox& operator=(const signal_inbox&) = delete;
  ~signal_inbox() override {
    for (const int number : held_) {
      std::signal(number, SIG_DFL);
    }
    signal_pipe = -1;
    home_.forget(ends_[0]);
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  void hold(int number) {
    struct sigaction action{};
    action.sa_handler = write_signal;
    action.sa_flags = SA_RESTART;
    if (::sigaction(number, &action, nullptr) == 0) {
      held_.push_back(number);
    } else {
      log(log_level::warn, "runtime", "cannot hold a signal", {field("signal", number)});
    }
  }
  std::optional<int> take(const std::vector<int>& wanted) {
    const auto found = std::ranges::find_first_of(arrived_, wanted);
    if (found == arrived_.end()) {
      return std::nullopt;
    }
    const int number = *found;
    arrived_.erase(found);
    return number;
  }
  condition& changed() { return changed_; }

 private:
  void on_events(std::uint32_t) override {
    for (char byte = 0; ::read(ends_[0], &byte, 1) == 1;) {
      arrived_.push_back(byte);
    }
    changed_.notify_all();
  }

  detail::real_shard& home_;
  std::array<int, 2> ends_{};
  std::vector<int> held_;
  std::deque<int> arrived_;
  condition changed_;
};

}  // namespace

struct real_world::state {
  explicit state(const real_world_options& options)
      : allowed(allowed_cores()),
        quota(quota_in_cores()),
        is_pinned(options.pin_threads && quota >= CPU_COUNT(&allowed)),
        threads(options.file_threads, [cores = allowed] { run_on(cores); }),
        sockets([cores = allowed] { run_on(cores); }) {
    const int count = options.shards > 0 ? options.shards : std::min(CPU_COUNT(&allowed), quota);
    for (int i = 0; i < count; ++i) {
      shards.push_back(std::make_unique<detail::real_shard>(i, threads));
    }
  }

  void enter_thread(int index) {
    if (is_pinned) {
      run_on(core_of(index, allowed));
    }
    shards[static_cast<std::size_t>(index)]->enter(true);
  }
  void stop_all() {
    for (const auto& each : shards) {
      each->stop();
    }
  }

  cpu_set_t allowed;
  int quota;
  bool is_pinned;
  detail::file_threads threads;
  std::vector<std::unique_ptr<detail::real_shard>> shards;
  detail::real_file_system files;
  detail::real_network sockets;
  std::unique_ptr<signal_inbox> signals;
};

namespace {

struct main_outcome {
  int value = 1;
  std::exception_ptr exception;
};

task<> run_main(task<int> main, main_outcome& outcome, detail::real_shard& home) {
  try {
    outcome.value = co_await std::move(main);
  } catch (...) {
    outcome.exception = std::current_exception();
  }
  home.stop();
}

}  // namespace

real_world::real_world(const real_world_options& options)
    : state_(std::make_unique<state>(options)) {
  // sendfile() has no flag against it; everybody else looks at the error.
  if (options.ignores_broken_pipes) {
    std::signal(SIGPIPE, SIG_IGN);
  }
}

real_world::~real_world() = default;

int real_world::run(task<int> main) {
  state& all = *state_;
  main_outcome outcome;
  std::vector<std::thread> threads;
  for (int i = 1; i < shard_count(); ++i) {
    threads.emplace_back([&all, i] {
      pthread_setname_np(pthread_self(), ("shard-" + std::to_string(i)).c_str());
      all.enter_thread(i);
      all.shards[static_cast<std::size_t>(i)]->run();
      all.shards[static_cast<std::size_t>(i)]->enter(false);
    });
  }
  all.enter_thread(0);
  {
    task_group root("main");
    root.spawn(run_main(std::move(main), outcome, *all.shards[0]));
    all.shards[0]->run();
    all.stop_all();
    for (std::thread& thread : threads) {
      thread.join();
    }
    all.threads.stop();
    all.sockets.stop();
    const detail::world_ending ending;
    for (const auto& each : all.shards) {
      each->drop_posted();
    }
    all.signals.reset();
  }
  all.shards[0]->enter(false);
  run_on(all.allowed);
  if (outcome.exception) {
    std::rethrow_exception(outcome.exception);
  }
  return outcome.value;
}

task<int> real_world::next_signal(std::vector<int> signals) {
  ensure(&shard::current() == state_->shards[0].get(), "signals are for shard 0");
  if (state_->signals == nullptr) {
    state_->signals = std::make_unique<signal_inbox>(*state_->shards[0]);
  }
  for (const int number : signals) {
    state_->signals->hold(number);
  }
  for (;;) {
    if (const auto arrived = state_->signals->take(signals)) {
      co_return *arrived;
    }
    co_await state_->signals->changed().wait_until(no_deadline);
  }
}

int real_world::shard_count() const {
  return static_cast<int>(state_->shards.size());
}
shard& real_world::shard_at(int index) {
  return *state_->shards.at(static_cast<std::size_t>(index));
}
file_system& real_world::files() {
  return state_->files;
}
network& real_world::sockets() {
  return state_->sockets;
}

}  // namespace barnabas::runtime
