// The one thread that does the I/O of all clients of a process: begun by the
// first of them, ended by the last.
#pragma once

#include <memory>

#include "runtime/background_world.h"

namespace barnabas::client {

std::shared_ptr<runtime::background_world> io_thread();

}  // namespace barnabas::client
