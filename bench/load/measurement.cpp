#include "bench/load/measurement.h"

#include <fmt/format.h>

#include "bench/event_loop.h"

namespace barnabas::bench {
namespace {

std::string to_json(const moved& what) {
  return fmt::format(R"({{"requests":{},"records":{},"bytes":{}}})", what.requests, what.records,
                     what.bytes);
}

}  // namespace

measurement::measurement(int pid)
    : pid_(pid),
      server_(process_usage::of(pid)),
      load_(process_usage::of(0)),
      began_ns_(now_ns()) {}

void measurement::print(const moved& produced, const moved& fetched, const histogram& latency,
                        const histogram& delivery) const {
  const double seconds = static_cast<double>(now_ns() - began_ns_) / 1e9;
  fmt::print(
      "{{\"seconds\":{:.6f},\"produced\":{},\"fetched\":{},\"latency\":{},\"delivery\":{},"
      "\"server\":{},\"load\":{}}}\n",
      seconds, to_json(produced), to_json(fetched), latency.to_json(), delivery.to_json(),
      process_usage::of(pid_).since(server_).to_json(),
      process_usage::of(0).since(load_).to_json());
}

}  // namespace barnabas::bench
