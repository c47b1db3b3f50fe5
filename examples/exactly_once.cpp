// Reads a topic as a member of a group, writes what it makes of each record to another, and commits
// both in one transaction: whatever crashes, each record is processed once. Ends when nothing comes
// for 10 s.
//   exactly_once HOST:PORT FROM TO GROUP TRANSACTIONAL_ID
#include <barnabas/consumer.h>
#include <barnabas/producer.h>

#include <algorithm>
#include <cctype>
#include <iostream>

using namespace barnabas::kafka;

namespace {

std::string processed(std::string_view text) {
  std::string loud(text);
  std::ranges::transform(loud, loud.begin(), [](unsigned char c) { return std::toupper(c); });
  return loud;
}

// One transaction with what is made of the records, and where the group goes on after them.
result<> process(const records& some, const char* to, producer& writer, const consumer& reader) {
  if (auto begun = writer.begin_transaction(); !begun) return begun;
  partition_offsets next;
  for (const record& each : some) {
    const std::string made = processed(each.value.value_or(""));
    if (auto done = writer.produce({.topic = to, .key = each.key, .value = made}); !done)
      return done;
    next[{std::string(each.topic), each.partition}].offset = each.offset + 1;
  }
  if (auto done = writer.send_offsets_to_transaction(next, reader.metadata()); !done) return done;
  result<> done = writer.commit_transaction();
  while (!done && done.error().is_retriable) done = writer.commit_transaction();
  return done;
}

// The records of a transaction that was aborted are read again, from where the group is.
result<> go_back(consumer& reader) {
  const auto places = reader.committed(reader.assignment(), std::chrono::seconds(30));
  if (!places) return places.error();
  for (const topic_partition& each : reader.assignment()) {
    const auto place = places->find(each);
    const auto done = reader.seek(each, place == places->end() ? log_begin : place->second.offset);
    if (!done) return done;
  }
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 6) return 2;
  producer writer({{"bootstrap.servers", arguments[1]}, {"transactional.id", arguments[5]}});
  consumer reader({{"bootstrap.servers", arguments[1]},
                   {"group.id", arguments[4]},
                   {"auto.offset.reset", "earliest"},
                   {"enable.auto.commit", "false"}});
  auto done = writer.init_transactions();
  if (done) done = reader.subscribe({arguments[2]});
  while (done) {
    const auto some = reader.poll(std::chrono::seconds(10));
    if (some && some->empty()) return reader.close(std::chrono::seconds(10)) ? 0 : 1;
    if (some) done = process(*some, arguments[3], writer, reader);
    if (!done && done.error().requires_abort) {
      std::cerr << done.error().message << '\n';
      done = writer.abort_transaction();
      if (done) done = go_back(reader);
    }
  }
  std::cerr << done.error().message << '\n';
  return 1;
}
