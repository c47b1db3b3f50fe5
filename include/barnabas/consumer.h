// Reads records of partitions that it is told. Fetching goes on ahead on the library's I/O thread;
// poll() decodes on the calling one. One thread at a time calls a consumer.
//
//   consumer letters({{"bootstrap.servers", "localhost:9092"}, {"auto.offset.reset", "earliest"}});
//   letters.assign({{"letters", 0}});
//   auto some = letters.poll(std::chrono::seconds(1));
//   if (some) for (const record& each : *some) ...
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "barnabas/record.h"
#include "barnabas/result.h"
#include "barnabas/settings.h"

namespace barnabas::kafka {

// Records of one poll, and the received bytes that they point into.
class records {
 public:
  records();
  records(records&&) noexcept;
  records& operator=(records&&) noexcept;
  ~records();

  const record* begin() const { return first_; }
  const record* end() const { return first_ + count_; }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  friend class consumer;
  struct storage;
  std::unique_ptr<storage> storage_;
  const record* first_ = nullptr;
  std::size_t count_ = 0;
};

// Places in a log that seek() takes beside offsets.
inline constexpr std::int64_t log_begin = -2;
inline constexpr std::int64_t log_end = -1;

struct log_bounds {
  std::int64_t begin = 0;
  std::int64_t end = 0;  // the offset after the last record that may be read
};

class consumer {
 public:
  static result<consumer> open(const settings& settings);
  // Throws std::invalid_argument with the error's message.
  explicit consumer(const settings& settings) : consumer(open(settings).value_or_throw()) {}
  consumer(consumer&&) noexcept;
  consumer& operator=(consumer&&) noexcept;
  ~consumer();

  // From now on reads these partitions and no others, from where auto.offset.reset says or seek().
  void assign(const std::vector<topic_partition>& partitions);
  // Takes up an assigned partition from an offset, log_begin or log_end.
  result<> seek(const topic_partition& partition, std::int64_t offset);
  result<> pause(const std::vector<topic_partition>& partitions);
  result<> resume(const std::vector<topic_partition>& partitions);

  // The next records of one partition, at most max.poll.records; empty when none came in time. An
  // error names its partition; the others go on.
  result<records> poll(std::chrono::milliseconds timeout);
  // The offset after the last record that poll() gave; nothing before the first.
  result<std::int64_t> position(const topic_partition& partition) const;

  // The offsets of the first records not older than these times (ms since 1970 UTC), log_end when
  // there is none.
  result<std::map<topic_partition, std::int64_t>> offsets_for_times(
      const std::map<topic_partition, std::int64_t>& times, std::chrono::milliseconds timeout);
  result<std::map<topic_partition, log_bounds>> bounds(
      const std::vector<topic_partition>& partitions, std::chrono::milliseconds timeout);

 private:
  struct implementation;
  explicit consumer(std::unique_ptr<implementation> it);
  std::unique_ptr<implementation> it_;
};

}  // namespace barnabas::kafka
