#include "client/io_thread.h"

#include "runtime/outside.h"

namespace barnabas::client {

std::shared_ptr<runtime::background_world> io_thread() {
  static runtime::lock guard;
  static std::weak_ptr<runtime::background_world> current;
  const runtime::lock_holder held(guard);
  auto running = current.lock();
  if (running == nullptr) {
    running = std::make_shared<runtime::background_world>("barnabas-io");
    current = running;
  }
  return running;
}

}  // namespace barnabas::client
