#include "runtime/detail/world_end.h"

namespace barnabas::runtime::detail {
namespace {

thread_local int endings = 0;

}  // namespace

[[gnu::noinline]] bool is_world_ending() {
  return endings > 0;
}

world_ending::world_ending() {
  ++endings;
}
world_ending::~world_ending() {
  --endings;
}

}  // namespace barnabas::runtime::detail
