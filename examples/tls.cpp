// Writes a record over TLS, showing a certificate of its own, and reads it back:
// "partition P offset O: hello". Further settings may follow, as in
// sasl.username=alice.
//   tls HOST:PORT TOPIC CA CERTIFICATE KEY KEY_PASSWORD [NAME=VALUE...]
#include <barnabas/consumer.h>
#include <barnabas/producer.h>

#include <chrono>
#include <iostream>

using namespace barnabas::kafka;

int main(int count, char** arguments) {
  if (count < 7) return 2;
  settings secure = {
      {"bootstrap.servers", arguments[1]}, {"security.protocol", "ssl"},
      {"ssl.ca.location", arguments[3]},   {"ssl.certificate.location", arguments[4]},
      {"ssl.key.location", arguments[5]},  {"ssl.key.password", arguments[6]}};
  for (int i = 7; i < count; ++i) {
    const std::string more = arguments[i];
    secure[more.substr(0, more.find('='))] = more.substr(more.find('=') + 1);
  }
  std::erase_if(secure, [](const auto& each) { return each.second.empty(); });

  const std::string topic = arguments[2];
  const auto fail = [](const error& why) {
    std::cerr << why.message << '\n';
    return 1;
  };
  settings writing = secure;
  writing["max.block.ms"] = "10000";  // by then a broker must have been reached
  auto writer = producer::open(writing);
  if (!writer) return fail(writer.error());
  const auto sent = writer->send({.topic = topic, .value = "hello"});
  if (!sent) return fail(sent.error());

  auto reader = consumer::open(secure);
  if (!reader) return fail(reader.error());
  reader->assign({{topic, sent->partition}});
  if (const auto found = reader->seek({topic, sent->partition}, sent->offset); !found) {
    return fail(found.error());
  }
  const auto some = reader->poll(std::chrono::seconds(20));
  if (!some) return fail(some.error());
  for (const record& each : *some) {
    std::cout << "partition " << each.partition << " offset " << each.offset << ": " << *each.value
              << '\n';
  }
  return some->empty() ? 1 : 0;
}
