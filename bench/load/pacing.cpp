#include "bench/load/pacing.h"

namespace barnabas::bench {

void run_closed_loop(event_loop& loop, produce_run& run, producing_connections& connections,
                     std::int64_t total, const std::function<bool()>& is_done) {
  run.unclaimed = total;
  for (const auto& connection : connections) {
    connection->pump();
  }
  while (run.answered < total || !is_done()) {
    loop.run_once();
  }
}

void run_open_loop(event_loop& loop, produce_run& run, producing_connections& connections,
                   double interval_ns, std::int64_t seconds,
                   const std::function<void(std::int64_t measured_from_ns)>& begins,
                   const std::function<bool()>& is_done) {
  const auto total = static_cast<std::int64_t>(static_cast<double>(seconds) * 1e9 / interval_ns);
  const std::int64_t start = now_ns() + 1'000'000;
  const std::int64_t give_up = start + (seconds * 3 + 10) * 1'000'000'000;
  const auto intended = [&](std::int64_t i) {
    return start + static_cast<std::int64_t>(static_cast<double>(i) * interval_ns);
  };
  begins(start + 500'000'000);
  std::int64_t next = 0;
  while (next < total || run.answered < total || !is_done()) {
    for (; next < total && intended(next) <= now_ns(); ++next) {
      produce_connection& connection =
          *connections[static_cast<std::size_t>(next) % connections.size()];
      connection.offer(intended(next));
      connection.pump();
    }
    loop.run_once(next < total ? intended(next) : give_up);
    if (now_ns() > give_up) {
      die("the server does not keep up with that rate");
    }
  }
}

}  // namespace barnabas::bench
