#include <barnabas/consumer.h>
#include <barnabas/producer.h>

#include <cstdio>

#include "client_load.h"

namespace bench {

using namespace barnabas::kafka;

namespace {

settings settings_of(const load& work) {
  settings all = work.settings;
  all["bootstrap.servers"] = work.brokers;
  return all;
}

}  // namespace

long long produce_ours(const load& work) {
  producer to(settings_of(work));
  for (long long i = 0; i < work.records; ++i) {
    const auto done = to.produce({.topic = work.topic,
                                  .value = work.value,
                                  .partition = static_cast<std::int32_t>(i % work.partitions)});
    if (!done) {
      std::fprintf(stderr, "%s\n", done.error().message.c_str());
      return i;
    }
  }
  return to.flush(std::chrono::seconds(60)) ? work.records : 0;
}

long long consume_ours(const load& work) {
  settings all = settings_of(work);
  all["auto.offset.reset"] = "earliest";
  consumer from(all);
  std::vector<topic_partition> partitions;
  for (int i = 0; i < work.partitions; ++i) {
    partitions.push_back({work.topic, i});
  }
  from.assign(partitions);
  long long got = 0;
  std::size_t bytes = 0;
  while (got < work.records) {
    const auto some = from.poll(std::chrono::seconds(10));
    if (!some || some->empty()) {
      break;
    }
    for (const record& each : *some) {
      bytes += each.value->size();
      ++got;
    }
  }
  return bytes == static_cast<std::size_t>(got) * work.value.size() ? got : 0;
}

}  // namespace bench
