// Writes numbered records with an idempotent producer of the client library
// until standard input ends, then prints what became of each: "partition offset
// number", or "failed number why".
//
//   client_writer HOST:PORT TOPIC PARTITIONS [NAME=VALUE...]
#include <barnabas/producer.h>

#include <atomic>
#include <iostream>
#include <mutex>
#include <thread>

using namespace barnabas::kafka;

int main(int count, char** arguments) {
  if (count < 4) {
    return 2;
  }
  const std::string topic = arguments[2];
  const int partitions = std::stoi(arguments[3]);
  std::atomic<bool> is_over = false;
  std::thread input([&is_over] {
    while (std::cin.get() != EOF) {
    }
    is_over = true;
  });

  std::string told;  // only touched on the I/O thread, and after the flush
  producer_options options;
  options.on_delivery = [&told](const delivery& record, const error* failure) {
    told += failure != nullptr
                ? "failed " + std::to_string(record.tag) + " " + failure->message + "\n"
                : std::to_string(record.partition) + " " + std::to_string(record.offset) + " " +
                      std::to_string(record.tag) + "\n";
  };
  settings all{{"bootstrap.servers", arguments[1]},      {"linger.ms", "2"},
               {"queue.buffering.max.messages", "2000"}, {"reconnect.backoff.ms", "20"},
               {"reconnect.backoff.max.ms", "100"},      {"compression.type", "lz4"}};
  for (int i = 4; i < count; ++i) {
    const std::string_view setting = arguments[i];
    const auto equals = std::min(setting.find('='), setting.size() - 1);
    all[std::string(setting.substr(0, equals))] = setting.substr(equals + 1);
  }
  producer writer(all, options);
  std::uint64_t number = 0;
  while (!is_over) {
    const std::string value = std::to_string(number) + " " + std::string(number % 500, 'x');
    const auto done = writer.produce({.topic = topic,
                                      .value = value,
                                      .partition = static_cast<std::int32_t>(number % partitions),
                                      .tag = number});
    if (!done) {
      std::cerr << done.error().message << '\n';
      return 1;
    }
    if (++number % 20 == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  const auto flushed = writer.flush(std::chrono::seconds(60));
  if (!flushed) {
    std::cerr << flushed.error().message << '\n';
  }
  input.join();
  std::cout << told;
  return flushed ? 0 : 1;
}
