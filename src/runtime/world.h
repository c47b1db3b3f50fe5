// The world of one process: its shards, files and network. real_world (runtime/real_world.h) is the
// operating system; simulated::machine (runtime/simulated/simulation.h) is one of many machines in
// a simulation of one seed.
#pragma once

#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/socket.h"

namespace barnabas::runtime {

class world {
 public:
  virtual ~world() = default;
  virtual int shard_count() const = 0;
  virtual shard& shard_at(int index) = 0;
  virtual file_system& files() = 0;
  virtual network& sockets() = 0;
};

}  // namespace barnabas::runtime
