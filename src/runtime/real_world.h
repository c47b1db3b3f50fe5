// The operating system as a world: one pinned thread with one epoll loop a shard, a few file
// threads. The calling thread of run() becomes shard 0.
#pragma once

#include <memory>
#include <vector>

#include "runtime/task.h"
#include "runtime/world.h"

namespace barnabas::runtime {

struct real_world_options {
  int shards = 0;           // 0: one a core that this process may use (affinity, cgroup quota)
  int file_threads = 4;     // started on first use
  bool pin_threads = true;  // if it may use whole cores
  // Of the whole process, which a library leaves alone.
  bool ignores_broken_pipes = true;
};

class real_world final : public world {
 public:
  explicit real_world(const real_world_options& options);
  ~real_world() override;

  // Runs `main` on shard 0 until it ends, then ends the loops. Returns main's value. Once.
  int run(task<int> main);
  // For `main`: the next of these signals that arrives. They are held from the first call on.
  task<int> next_signal(std::vector<int> signals);

  int shard_count() const override;
  shard& shard_at(int index) override;
  file_system& files() override;
  network& sockets() override;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace barnabas::runtime
