// The two ways of sending: as fast as the answers come, and at a rate that nothing slows down.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bench/event_loop.h"
#include "bench/load/produce_connection.h"

namespace barnabas::bench {

using producing_connections = std::vector<std::unique_ptr<produce_connection>>;

// `total` requests, spread over the connections as they have room; until they are answered and
// is_done().
void run_closed_loop(event_loop& loop, produce_run& run, producing_connections& connections,
                     std::int64_t total, const std::function<bool()>& is_done);

// One request every `interval_ns` for so many seconds, on the connections in turn. `begins` gets
// the time from which on answers are recorded. A server that falls far behind ends the program.
void run_open_loop(event_loop& loop, produce_run& run, producing_connections& connections,
                   double interval_ns, std::int64_t seconds,
                   const std::function<void(std::int64_t measured_from_ns)>& begins,
                   const std::function<bool()>& is_done);

}  // namespace barnabas::bench
