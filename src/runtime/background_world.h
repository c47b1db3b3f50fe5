// A real world of one shard on a thread of its own, for a program that has threads already. It
// takes no signals and is not pinned. What runs on it has ended before it goes.
#pragma once

#include <memory>
#include <string>

#include "runtime/world.h"

namespace barnabas::runtime {

class background_world {
 public:
  // Returns when the shard runs. `thread_name` has at most 15 characters.
  explicit background_world(const std::string& thread_name);
  background_world(const background_world&) = delete;
  background_world& operator=(const background_world&) = delete;
  ~background_world();

  world& get();
  shard& home() { return get().shard_at(0); }
  // Whether the calling thread is the one that runs the shard.
  bool is_here() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace barnabas::runtime
