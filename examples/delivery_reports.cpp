// Produces ten records without waiting and is told of each: "tag N partition P
// offset O".
//   delivery_reports HOST:PORT TOPIC
#include <barnabas/producer.h>

#include <iostream>

using namespace barnabas::kafka;

int main(int count, char** arguments) {
  if (count != 3) return 2;
  producer_options options;
  options.on_delivery = [](const delivery& record, const error* failure) {
    if (failure != nullptr) {
      std::cerr << "tag " << record.tag << " failed: " << failure->message << '\n';
    } else {
      std::cout << "tag " << record.tag << " partition " << record.partition << " offset "
                << record.offset << " after " << record.latency_us << " us\n";
    }
  };
  producer writer({{"bootstrap.servers", arguments[1]},
                   {"acks", "all"},
                   {"retries", "10"},
                   {"retry.backoff.ms", "100"},
                   {"max.in.flight.requests.per.connection", "5"},
                   {"partitioner", "murmur2_random"},
                   {"batch.size", "16384"},
                   {"linger.ms", "5"},
                   {"enable.idempotence", "true"}},
                  options);
  for (std::uint64_t tag = 0; tag < 10; ++tag) {
    const std::string value = "record " + std::to_string(tag);
    const auto done = writer.produce({.topic = arguments[2], .value = value, .tag = tag});
    if (!done) std::cerr << done.error().message << '\n';
  }
  return writer.flush(std::chrono::seconds(30)) ? 0 : 1;
}
