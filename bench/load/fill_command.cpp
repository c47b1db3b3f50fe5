#include "bench/load/blocking_client.h"
#include "bench/load/commands.h"
#include "bench/load/produce_request.h"

#include "bench/event_loop.h"

namespace barnabas::bench {

void run_fill(const options& given) {
  blocking_client client(static_cast<int>(given.required("port")));
  const std::string topic = given.text("topic", "bench");
  const std::int64_t records = given.required("records");
  const std::int64_t keys = given.required("keys");
  const auto value_bytes = static_cast<std::size_t>(given.number("value", 80));
  const std::int64_t segment_bytes = given.number("segment", 100'000'000);
  given.finish();
  if (!create_topic(client, topic, 1)) {
    die("nobody answers at that port");
  }
  wait_until_served(client, topic, 1);
  alter_topic(client, topic, "segment.bytes", fmt::format("{}", segment_bytes));
  constexpr std::int64_t at_once = 500;
  for (std::int64_t first = 0; first < records; first += at_once) {
    const auto count = static_cast<std::int32_t>(std::min(at_once, records - first));
    const produce_request request = make_produce_request(
        topic, 0, 1, 1, record_batch::make_keyed(first, count, keys, value_bytes), false);
    const auto answer = client.call(request.bytes);
    const std::int16_t error = answer ? error_in_produce_answer(*answer) : std::int16_t{-1000};
    if (error != 0) {
      die(fmt::format("filling topic {}: error {}", topic, error));
    }
  }
  fmt::print("{{}}\n");
}

void run_alter(const options& given) {
  blocking_client client(static_cast<int>(given.required("port")));
  alter_topic(client, given.text("topic", "bench"), given.text("name", ""),
              given.text("value", ""));
  given.finish();
  fmt::print("{{}}\n");
}

}  // namespace barnabas::bench
