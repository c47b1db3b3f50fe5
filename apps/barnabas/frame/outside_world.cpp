#include "frame/outside_world.h"

#include "client/io_thread.h"

namespace barnabas::app {
namespace {

runtime::background_world& io_world() {
  static const std::shared_ptr<runtime::background_world> kept = client::io_thread();
  return *kept;
}

}  // namespace

runtime::file_system& files() {
  return io_world().get().files();
}

std::int64_t wall_clock_ms() {
  return io_world().home().wall_clock_ms();
}

}  // namespace barnabas::app
