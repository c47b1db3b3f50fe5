// The inside of the public consumer: what its two source files share (reading; groups and offsets).
#pragma once

#include <barnabas/consumer.h>

#include <optional>

#include "client/consumer_core.h"
#include "client/hosted.h"
#include "client/piece_reader.h"

namespace barnabas::kafka {

inline barnabas::topic_partition inner(const topic_partition& name) {
  return {name.topic, name.partition};
}
inline std::vector<barnabas::topic_partition> inner(const std::vector<topic_partition>& names) {
  std::vector<barnabas::topic_partition> all;
  for (const topic_partition& each : names) {
    all.push_back(inner(each));
  }
  return all;
}
inline std::vector<topic_partition> outer(const std::vector<barnabas::topic_partition>& names) {
  std::vector<topic_partition> all;
  for (const barnabas::topic_partition& each : names) {
    all.push_back({each.topic, each.partition});
  }
  return all;
}

struct [[gnu::visibility("hidden")]] records::storage {
  // Headers of a record that has some: [begin, end) of all headers.
  struct header_range {
    std::size_t record = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::vector<record> all;
  std::vector<header> headers;
  std::vector<header_range> with_headers;
  std::vector<std::shared_ptr<const std::byte[]>> buffers;
  client::partition_ptr partition;  // keeps the topic's name
};

struct [[gnu::visibility("hidden")]] consumer::implementation {
  implementation(client::consumer_configuration settings, consumer_options callbacks)
      : options(std::move(callbacks)),
        checks_crcs(settings.checks_crcs),
        reads_uncommitted(settings.reads_uncommitted),
        most_records(settings.poll_records),
        patience(settings.cluster.request_timeout),
        most_poll_interval(settings.group.most_poll_interval),
        core(std::move(settings)) {}

  void begin_poll();
  // Calls the callbacks for what became of the partitions; the error when the group is in trouble.
  result<> hear(consumer& self);
  void tell(consumer& self, const client::rebalance_notice& notice) const;
  // Before leaving: the user is done with all that he got.
  void give_up_all(consumer& self);
  awaitable<void> commit_async(client::committed_places places);

  // The piece that is being read, or the next one; false when there is none in
  // time.
  bool open_piece(runtime::steady_time deadline);
  // Adds up to max.poll.records of the piece; an error only when it begins with
  // one.
  barnabas::result<> read_some(records::storage& into);
  static void add_headers(records::storage& into, barnabas::record::record_headers read);
  // What is left of the piece is fetched again, when it is wanted again.
  void drop_piece();

  result<std::map<topic_partition, std::int64_t>> look_up(
      const std::map<barnabas::topic_partition, std::int64_t>& times,
      runtime::steady_time deadline);

  consumer_options options;
  bool checks_crcs;
  bool reads_uncommitted;
  std::size_t most_records;
  runtime::duration patience;
  runtime::duration most_poll_interval;
  // A batch at a time is decompressed; what polls gave may be of older ones.
  recycled_buffers memory{4};
  std::optional<client::piece_reader> reader;
  client::hosted<client::consumer_core> core;
};

}  // namespace barnabas::kafka
