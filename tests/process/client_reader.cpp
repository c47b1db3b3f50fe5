// Reads partitions from their beginnings to their present ends with the client
// library and prints "partition offset value" for each record, values up to
// their first blank.
//
//   client_reader HOST:PORT TOPIC PARTITIONS
#include <barnabas/consumer.h>

#include <iostream>

using namespace barnabas::kafka;

int main(int count, char** arguments) {
  if (count != 4) {
    return 2;
  }
  consumer reader({{"bootstrap.servers", arguments[1]},
                   {"auto.offset.reset", "earliest"},
                   {"check.crcs", "true"}});
  std::vector<topic_partition> partitions;
  for (int i = 0; i < std::stoi(arguments[3]); ++i) {
    partitions.push_back({arguments[2], i});
  }
  const auto bounds = reader.bounds(partitions, std::chrono::seconds(30));
  if (!bounds) {
    std::cerr << bounds.error().message << '\n';
    return 1;
  }
  std::int64_t left = 0;
  for (const auto& [partition, of] : *bounds) {
    left += of.end - of.begin;
  }
  reader.assign(partitions);
  while (left > 0) {
    const auto some = reader.poll(std::chrono::seconds(30));
    if (!some || some->empty()) {
      std::cerr << (some ? "nothing came" : some.error().message) << '\n';
      return 1;
    }
    for (const record& each : *some) {
      std::cout << each.partition << ' ' << each.offset << ' '
                << each.value->substr(0, each.value->find(' ')) << '\n';
      --left;
    }
  }
  return 0;
}
