// True while a world is taken apart: a simulated machine crashes, or the real world has ended its
// loops. Coroutines are then destroyed where they wait, in any order, so that the rules about who
// outlives whom do not hold.
#pragma once

namespace barnabas::runtime::detail {

bool is_world_ending();

// While one lives, on this thread, the world is ending.
class world_ending {
 public:
  world_ending();
  world_ending(const world_ending&) = delete;
  world_ending& operator=(const world_ending&) = delete;
  ~world_ending();
};

}  // namespace barnabas::runtime::detail
