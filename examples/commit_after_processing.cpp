// Reads a topic as a member of a group and commits each record after it has been processed, so that
// whoever goes on after a crash misses nothing. With a number it crashes itself when it has
// processed so many records, before the last commit; else it ends when nothing comes for 5 s.
//   commit_after_processing HOST:PORT TOPIC GROUP [NUMBER]
#include <barnabas/consumer.h>

#include <cstdlib>
#include <iostream>

using namespace barnabas::kafka;

int main(int count, char** arguments) {
  if (count < 4) return 2;
  const int crash_after = count > 4 ? std::atoi(arguments[4]) : 0;
  consumer reader({{"bootstrap.servers", arguments[1]},
                   {"group.id", arguments[3]},
                   {"auto.offset.reset", "earliest"},
                   {"enable.auto.commit", "false"},
                   {"session.timeout.ms", "6000"},
                   {"max.poll.records", "1"}});
  if (const auto done = reader.subscribe({arguments[2]}); !done) {
    std::cerr << done.error().message << '\n';
    return 1;
  }
  int processed = 0;
  while (true) {
    const auto some = reader.poll(std::chrono::seconds(processed == 0 ? 30 : 5));
    if (!some) {
      std::cerr << some.error().message << '\n';
      continue;
    }
    if (some->empty()) break;
    for (const record& each : *some) {
      std::cout << each.partition << ' ' << each.offset << ' ' << *each.value << std::endl;
      if (++processed == crash_after) std::_Exit(3);
    }
    if (const auto done = reader.commit(); !done) std::cerr << done.error().message << '\n';
  }
  return reader.close(std::chrono::seconds(10)) ? 0 : 1;
}
