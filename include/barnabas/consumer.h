// Reads records, of topics that it shares with the other members of its group (subscribe), or of
// partitions that it is told (assign). Fetching goes on ahead on the library's I/O thread; poll()
// decodes on the calling one. One thread at a time calls a consumer.
//
//   consumer letters({{"bootstrap.servers", "localhost:9092"}, {"group.id", "readers"}});
//   letters.subscribe({"letters"});
//   auto some = letters.poll(std::chrono::seconds(1));
//   if (some) for (const record& each : *some) ...
//   letters.close(std::chrono::seconds(10));
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/awaitable.h"
#include "barnabas/committed_offset.h"
#include "barnabas/export.h"
#include "barnabas/record.h"
#include "barnabas/result.h"
#include "barnabas/settings.h"

namespace barnabas::kafka {

// Records of one poll, and the received bytes that they point into.
class BARNABAS_API records {
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

class consumer;

// Called inside poll(), unsubscribe() and close() when the group's partitions are assigned anew;
// may call the consumer (commit, seek, pause, ...), and must not throw.
struct consumer_options {
  using listener = std::function<void(consumer&, const std::vector<topic_partition>&)>;
  // New ones, before any of their records.
  listener on_assigned = {};
  // Still owned while it runs, not after it.
  listener on_revoked = {};
  // Owned no longer, others may have them already; on_revoked when this is not set.
  listener on_lost = {};
};

// With a group.id partitions begin where the group has committed, others where auto.offset.reset
// says, which is committed as other positions are, as by Java's client. With enable.auto.commit
// what poll() gave is committed once it is called again: every auto.commit.interval.ms, before
// partitions are revoked and in close(). A consumer that goes without close() leaves its group,
// too, and commits without what the last poll() gave.
class BARNABAS_API consumer {
 public:
  static result<consumer> open(const settings& settings, consumer_options options = {});
  // Throws std::invalid_argument with the error's message.
  explicit consumer(const settings& settings, consumer_options options = {})
      : consumer(open(settings, std::move(options)).value_or_throw()) {}
  consumer(consumer&&) noexcept;
  consumer& operator=(consumer&&) noexcept;
  ~consumer();

  // Becomes a member of group.id in the next poll() and reads what the group assigns to it. A name
  // that begins with ^ is a regular expression that topics match from their beginning on. Takes the
  // place of what was subscribed to or assigned before.
  result<> subscribe(const std::vector<std::string>& topics);
  // Commits if that is automatic, and leaves the group (a static member does not).
  result<> unsubscribe();
  // From now on reads these partitions and no others.
  void assign(const std::vector<topic_partition>& partitions);
  // What it reads now, by either way.
  std::vector<topic_partition> assignment() const;
  // Takes up an assigned partition from an offset, log_begin or log_end.
  result<> seek(const topic_partition& partition, std::int64_t offset);
  result<> pause(const std::vector<topic_partition>& partitions);
  result<> resume(const std::vector<topic_partition>& partitions);

  // The next records of one partition, at most max.poll.records; empty when none came in time. An
  // error names its partition or the group; the others go on.
  result<records> poll(std::chrono::milliseconds timeout);
  // The offset after the last record that poll() gave, or where reading begins; -1 before either is
  // known.
  result<std::int64_t> position(const topic_partition& partition) const;
  // Records that could be read behind the position, when they were fetched last; -1 before that is
  // known.
  result<std::int64_t> lag(const topic_partition& partition) const;

  // Commits the positions of all partitions, or these offsets; waits at most
  // default.api.timeout.ms. Commits reach the group in the order of the calls.
  result<> commit();
  result<> commit(const partition_offsets& offsets);
  // The same without a thread that waits; the consumer lives until it is done.
  awaitable<void> commit_async();
  awaitable<void> commit_async(const partition_offsets& offsets);
  // What the group has committed, without partitions of which it has not.
  result<partition_offsets> committed(const std::vector<topic_partition>& partitions,
                                      std::chrono::milliseconds timeout);
  // Who it is now, for producer::send_offsets_to_transaction().
  group_metadata metadata() const;
  // The last call: on_revoked, the last commit if that is automatic, and leaving, at most so long.
  result<> close(std::chrono::milliseconds timeout);

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
