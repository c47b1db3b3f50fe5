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

new_record record_of(const load& work, long long i) {
  return {.topic = work.topic,
          .value = work.value(i),
          .partition = static_cast<std::int32_t>(i % work.partitions),
          .tag = static_cast<std::uint64_t>(i)};
}

}  // namespace

long long produce_ours(const load& work) {
  producer to(settings_of(work));
  for (long long i = 0; i < work.records; ++i) {
    if (const auto done = to.produce(record_of(work, i)); !done) {
      std::fprintf(stderr, "%s\n", done.error().message.c_str());
      return i;
    }
  }
  return to.flush(std::chrono::seconds(60)) ? work.records : 0;
}

void latency_ours(const load& work, latencies& found) {
  producer_options options;
  options.on_delivery = [&](const delivery& done, const error* failure) {
    if (failure == nullptr) {
      found.delivered(static_cast<long long>(done.tag));
    }
  };
  producer to(settings_of(work), std::move(options));
  (void)to.send({.topic = work.topic, .value = "first", .partition = 0});
  found = latencies(work);
  for (long long i = 0; i < work.records; ++i) {
    found.wait_for(i);
    if (const auto done = to.produce(record_of(work, i)); !done) {
      std::fprintf(stderr, "%s\n", done.error().message.c_str());
    }
  }
  (void)to.flush(std::chrono::seconds(60));
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
  return bytes == static_cast<std::size_t>(got) * work.bytes ? got : 0;
}

}  // namespace bench
