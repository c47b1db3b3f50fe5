#include <unistd.h>

#include <vector>

#include "bench/load/blocking_client.h"
#include "bench/load/commands.h"
#include "bench/load/produce_request.h"

#include "bench/event_loop.h"

namespace barnabas::bench {

void run_create(const options& given) {
  blocking_client client(static_cast<int>(given.required("port")));
  const std::string topic = given.text("topic", "bench");
  const auto partitions = static_cast<std::int32_t>(given.number("partitions", 1));
  given.finish();
  if (!create_topic(client, topic, partitions)) {
    die("nobody answers at that port");
  }
  wait_until_served(client, topic, partitions);
  fmt::print("{{}}\n");
}

void run_delete(const options& given) {
  blocking_client client(static_cast<int>(given.required("port")));
  const std::string topic = given.text("topic", "bench");
  given.finish();
  delete_topic(client, topic);
  fmt::print("{{}}\n");
}

void run_first(const options& given) {
  blocking_client client(static_cast<int>(given.required("port")));
  const std::string topic = given.text("topic", "bench");
  const auto partitions = static_cast<std::int32_t>(given.number("partitions", 1));
  const std::int64_t since = given.required("since");
  const std::int64_t deadline = since + given.number("seconds", 300) * 1'000'000'000;
  given.finish();
  constexpr std::int32_t at_once = 100;
  const record_batch batch = record_batch::make(100, 1024);
  std::int64_t first = 0;
  bool is_created = false;
  for (std::int32_t at = 0; at < partitions;) {
    if (now_ns() > deadline) {
      die("the server did not acknowledge in time");
    }
    if (is_created || (is_created = create_topic(client, topic, partitions, false))) {
      const produce_request request =
          make_produce_request(topic, at, std::min(at_once, partitions - at), 1, batch, false);
      const auto answer = client.call(request.bytes);
      if (answer && error_in_produce_answer(*answer) == 0) {
        first = first == 0 ? now_ns() : first;
        at += at_once;
        continue;
      }
    }
    usleep(500);
  }
  fmt::print("{{\"first_ms\":{:.3f},\"all_ms\":{:.3f}}}\n",
             static_cast<double>(first - since) / 1e6, static_cast<double>(now_ns() - since) / 1e6);
}

}  // namespace barnabas::bench
