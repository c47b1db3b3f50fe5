#include <memory>
#include <vector>

#include "bench/load/commands.h"
#include "bench/load/fetch_connection.h"
#include "bench/load/measurement.h"
#include "bench/load/record_batch.h"

namespace barnabas::bench {

void run_fetch(const options& given) {
  const int port = static_cast<int>(given.required("port"));
  const int pid = static_cast<int>(given.required("pid"));
  fetch_run run;
  run.topic = given.text("topic", "bench");
  run.most_bytes = static_cast<std::int32_t>(given.number("max_bytes", 1 << 20));
  const record_batch batch =
      record_batch::make(static_cast<std::size_t>(given.number("record", 1024)),
                         static_cast<std::size_t>(given.number("batch", 65536)));
  run.batch_bytes = static_cast<std::int64_t>(batch.bytes.size());
  run.batch_records = given.number("bare", 0) != 0 ? 0 : batch.records;
  const std::int64_t partitions = given.number("partitions", 1);
  const std::int64_t readers = given.number("readers", 1);
  const std::int64_t bytes = given.required("bytes");
  given.finish();

  event_loop loop;
  std::vector<std::unique_ptr<fetch_connection>> connections;
  for (std::int64_t i = 0; i < readers; ++i) {
    const int descriptor = connect_to(port);
    if (descriptor < 0) {
      die_of_errno("connecting");
    }
    connections.push_back(std::make_unique<fetch_connection>(
        descriptor, run, static_cast<std::int32_t>(i % partitions), bytes));
    loop.watch(descriptor, *connections.back());
  }
  const measurement measured(pid);
  for (const auto& connection : connections) {
    connection->start();
  }
  const auto is_done = [](const auto& connection) { return connection->is_done(); };
  while (!std::ranges::all_of(connections, is_done)) {
    loop.run_once();
  }
  measured.print({}, {run.answers, run.bytes / run.batch_bytes * batch.records, run.bytes}, {}, {});
}

}  // namespace barnabas::bench
