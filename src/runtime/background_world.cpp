#include "runtime/background_world.h"

#include <pthread.h>

#include <csignal>
#include <thread>

#include "runtime/outside.h"
#include "runtime/real_world.h"

namespace barnabas::runtime {

struct background_world::state {
  real_world world{
      {.shards = 1, .file_threads = 1, .pin_threads = false, .ignores_broken_pipes = false}};
  doorbell stop{world.shard_at(0)};
  lock guard;
  gate changed;
  bool is_running = false;
  bool is_stopping = false;
  std::thread thread;

  task<int> stay() {
    {
      const lock_holder holder(guard);
      is_running = true;
      changed.notify_all();
    }
    while (!should_stop()) {
      co_await stop.rung().wait_until(no_deadline);
    }
    co_await stop.close();
    co_return 0;
  }
  bool should_stop() {
    const lock_holder holder(guard);
    return is_stopping;
  }
};

background_world::background_world(const std::string& thread_name)
    : state_(std::make_unique<state>()) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the new thread inherits it
  state_->thread = std::thread([&it = *state_, thread_name] {
    pthread_setname_np(pthread_self(), thread_name.c_str());
    it.world.run(it.stay());
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  lock_holder holder(state_->guard);
  while (!state_->is_running) {
    state_->changed.wait_until(holder, no_deadline);
  }
}

background_world::~background_world() {
  {
    const lock_holder holder(state_->guard);
    state_->is_stopping = true;
  }
  state_->stop.ring();
  state_->thread.join();
}

world& background_world::get() {
  return state_->world;
}

bool background_world::is_here() const {
  return std::this_thread::get_id() == state_->thread.get_id();
}

}  // namespace barnabas::runtime
