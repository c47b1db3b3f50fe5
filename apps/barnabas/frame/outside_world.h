// Files and the wall clock for commands: those of the client library's I/O thread, which is begun
// on first use and shared with the clients of the process.
#pragma once

#include <cstdint>

#include "runtime/file_system.h"

namespace barnabas::app {

runtime::file_system& files();
// Since 1970 UTC.
std::int64_t wall_clock_ms();

}  // namespace barnabas::app
