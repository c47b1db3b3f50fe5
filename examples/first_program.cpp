#include <barnabas/consumer.h>
#include <barnabas/producer.h>

#include <iostream>

using namespace barnabas::kafka;

int main(int count, char** arguments) {
  const std::string brokers = count > 1 ? arguments[1] : "localhost:9092";
  producer writer({{"bootstrap.servers", brokers}});
  const auto sent = writer.send({.topic = "letters", .value = "hello, castle"});
  if (!sent) {
    std::cerr << sent.error().message << '\n';
    return 1;
  }
  consumer reader({{"bootstrap.servers", brokers}, {"auto.offset.reset", "earliest"}});
  reader.assign({{"letters", sent->partition}});
  const auto letters = reader.poll(std::chrono::seconds(10));
  for (const record& each : *letters) std::cout << each.offset << ": " << *each.value << '\n';
  return letters->empty() ? 1 : 0;
}
