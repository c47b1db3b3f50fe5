#include "replica/partition.h"

#include <gtest/gtest.h>

#include "runtime/task_group.h"
#include "storage/tests/directory_environment.h"

namespace barnabas::replica {
namespace {

using runtime::task;
using storage::testing::batch_of;
using storage::testing::environment;
using storage::testing::in_real_world;
using storage::testing::must;

constexpr std::int32_t this_broker = 1;
constexpr auto soon = std::chrono::seconds(5);

leadership led_by(std::int32_t leader, std::int32_t epoch,
                  std::vector<std::int32_t> isr = {this_broker}) {
  return {leader, epoch, 0, std::move(isr)};
}

struct setting {
  std::unique_ptr<storage::log_manager> logs;
  std::shared_ptr<partition> it;
};

// A partition that this broker leads in epoch 3.
task<setting> a_partition(environment& in) {
  setting made;
  made.logs = co_await storage::testing::started(in);
  auto* log = co_await storage::testing::new_log(in, *made.logs, {"t", 0});
  made.it =
      std::make_shared<partition>(topic_partition{"t", 0}, this_broker, *log, made.logs->here());
  made.it->apply(led_by(this_broker, 3));
  co_return made;
}

task<result<append_outcome>> append(partition& to, int records,
                                    std::optional<std::int32_t> min_isr = {}) {
  std::vector<std::byte> batch = batch_of(records);
  co_return co_await to.append(batch, record::origin::client, min_isr);
}

runtime::steady_time deadline() {
  return runtime::shard::current().now() + soon;
}

task<> appends_and_reads(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  const auto first = must(co_await append(*it, 3));
  const auto second = must(co_await append(*it, 2));
  EXPECT_EQ(first.base_offset, 0);
  EXPECT_EQ(second.base_offset, 3);
  EXPECT_EQ(second.end_offset, 5);
  EXPECT_EQ(it->high_watermark(), 5) << "alone, a record can be read when it is written";

  const auto read = co_await it->read({.offset = 0, .max_bytes = 1 << 20});
  EXPECT_EQ(read.error, error_code::none);
  EXPECT_EQ(read.high_watermark, 5);
  EXPECT_GT(read.data.slice.length, 0);
  const auto end = co_await it->read({.offset = 5, .max_bytes = 1 << 20});
  EXPECT_TRUE(end.data.empty());
  const auto beyond = co_await it->read({.offset = 6, .max_bytes = 1 << 20});
  EXPECT_EQ(beyond.error, error_code::offset_out_of_range);
  EXPECT_EQ(beyond.high_watermark, -1) << "as in Apache Kafka's answers";
  it->close();
  co_await logs->stop();
}
TEST(partition, appended_records_can_be_read_up_to_the_high_watermark) {
  in_real_world(appends_and_reads);
}

task<> acknowledges_on_disk(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  const auto appended = must(co_await append(*it, 3));
  EXPECT_EQ(it->log()->log->recovery_point(), 0);
  must(co_await it->wait_committed(appended, acknowledgement::memory, deadline()));
  EXPECT_EQ(it->log()->log->recovery_point(), 0) << "memory is enough for this rule";
  must(co_await it->wait_committed(appended, acknowledgement::replicated_or_disk, deadline()));
  EXPECT_EQ(it->log()->log->recovery_point(), 3) << "alone, acknowledged means on disk";
  it->close();
  co_await logs->stop();
}
TEST(partition, alone_a_record_is_acknowledged_when_it_is_on_disk) {
  in_real_world(acknowledges_on_disk);
}

task<> store_read(partition& from, read_outcome& into) {
  into = co_await from.read({.offset = 0, .max_bytes = 1 << 20});
}

// The log's folder has another name while its copy in another directory takes its place.
task<> reads_during_an_exchange(environment& in, bool is_cold) {
  auto [logs, it] = co_await a_partition(in);
  must(co_await append(*it, 3));
  storage::managed_log& log = *logs->here().find({"t", 0});
  if (is_cold) {
    must(log.log->roll(1'000));  // the first segment will be opened by its reader
    must(co_await append(*it, 1));
  }
  must(co_await logs->here().flusher().flush_all({&log}));
  log.log->release_idle();
  const std::string aside = log.log->folder() + "-aside";
  log.is_paused = true;
  std::filesystem::rename(log.log->folder(), aside);
  runtime::task_group readers("readers");
  read_outcome read;
  readers.spawn(store_read(*it, read));
  co_await runtime::sleep_for(std::chrono::milliseconds(20));
  std::filesystem::rename(aside, log.log->folder());
  // As storage::log_manager ends it: what was opened before is not kept.
  log.log->take_place_of(*log.log);
  log.is_paused = false;
  log.resumed.notify_all();
  co_await readers.join();
  EXPECT_EQ(read.error, error_code::none);
  EXPECT_GT(read.data.slice.length, 0);
  it->close();
  co_await logs->stop();
}
TEST(partition, a_read_while_the_log_is_exchanged_waits_and_asks_again) {
  for (const bool is_cold : {false, true}) {
    in_real_world([is_cold](environment& in) { return reads_during_an_exchange(in, is_cold); });
  }
}

task<> store_offset(partition& to, std::vector<std::int64_t>& offsets) {
  offsets.push_back(must(co_await append(to, 1)).base_offset);
}

task<> gathers(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  runtime::task_group producers("producers");
  std::vector<std::int64_t> offsets;
  for (int i = 0; i < 20; ++i) {
    producers.spawn(store_offset(*it, offsets));
  }
  co_await producers.join();
  std::ranges::sort(offsets);
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    EXPECT_EQ(offsets[i], static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(it->log_end_offset(), 20);
  it->close();
  co_await logs->stop();
}
TEST(partition, appends_of_one_moment_get_offsets_of_their_own) {
  in_real_world(gathers);
}

task<> store_offset_of_large(partition& to, std::vector<std::int64_t>& offsets) {
  std::vector<std::byte> batch = batch_of(1, 1'000, 64 << 10);
  offsets.push_back(must(co_await to.append(batch, record::origin::client, {})).base_offset);
}

task<> gathers_little_of_what_is_large(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  runtime::task_group producers("producers");
  std::vector<std::int64_t> offsets;
  for (int i = 0; i < 7; ++i) {
    producers.spawn(store_offset_of_large(*it, offsets));
  }
  EXPECT_EQ(it->log_end_offset(), 6) << "three of them are as much as is gathered";
  co_await producers.join();
  std::ranges::sort(offsets);
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6}));
  it->close();
  co_await logs->stop();
}
TEST(partition, large_appends_of_one_moment_are_not_held_back_for_all_others) {
  in_real_world(gathers_little_of_what_is_large);
}

task<> compares_epochs(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  (void)co_await append(*it, 3);
  const auto same = co_await it->read({.offset = 3, .last_fetched_epoch = 3, .max_bytes = 1});
  EXPECT_EQ(same.error, error_code::none);
  EXPECT_FALSE(same.diverging.has_value());
  const auto longer = co_await it->read({.offset = 4, .last_fetched_epoch = 3, .max_bytes = 1});
  EXPECT_EQ(longer.error, error_code::none);
  EXPECT_EQ(longer.diverging->end_offset, 3);
  const auto newer = co_await it->read({.offset = 1, .last_fetched_epoch = 4, .max_bytes = 1});
  EXPECT_EQ(newer.error, error_code::offset_out_of_range) << "or its reader asks for ever";
  EXPECT_FALSE(newer.diverging.has_value());
  it->close();
  co_await logs->stop();
}
TEST(partition, a_reader_learns_where_its_log_leaves_this_one) {
  in_real_world(compares_epochs);
}

task<> refuses(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  EXPECT_EQ((co_await append(*it, 1, 2)).error().code, error_code::not_enough_replicas);
  EXPECT_EQ((co_await it->read({.offset = 0, .current_leader_epoch = 2, .max_bytes = 1})).error,
            error_code::fenced_leader_epoch);
  EXPECT_EQ((co_await it->read({.offset = 0, .current_leader_epoch = 4, .max_bytes = 1})).error,
            error_code::unknown_leader_epoch);
  EXPECT_FALSE(it->apply(led_by(2, 2))) << "an old decision";
  EXPECT_TRUE(it->apply(led_by(2, 4)));
  EXPECT_EQ((co_await append(*it, 1)).error().code, error_code::not_leader_or_follower);
  it->close();
  EXPECT_EQ((co_await it->read({.offset = 0, .max_bytes = 1})).error,
            error_code::unknown_topic_or_partition);
  co_await logs->stop();
}
TEST(partition, refuses_what_is_not_its_to_do) {
  in_real_world(refuses);
}

task<> commits_with_followers(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  it->apply(led_by(this_broker, 4, {this_broker, 2}));
  const auto appended = must(co_await append(*it, 1));
  EXPECT_EQ(it->high_watermark(), 0) << "the follower does not have it yet";
  const auto waited =
      co_await it->wait_committed(appended, acknowledgement::memory,
                                  runtime::shard::current().now() + std::chrono::milliseconds(5));
  EXPECT_EQ(waited.error().code, error_code::request_timed_out);
  it->apply(led_by(this_broker, 4));
  EXPECT_EQ(it->high_watermark(), 1) << "the in-sync set shrank to the leader";
  must(co_await it->wait_committed(appended, acknowledgement::memory, deadline()));
  it->close();
  co_await logs->stop();
}
TEST(partition, the_high_watermark_waits_for_the_in_sync_set) {
  in_real_world(commits_with_followers);
}

struct counting_waiter final : data_waiter {
  int calls = 0;
  void data_arrived() override { ++calls; }
};

task<> wakes(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  counting_waiter stays;
  it->add(stays);
  {
    counting_waiter goes;
    it->add(goes);
  }
  must(co_await append(*it, 1));
  EXPECT_EQ(stays.calls, 1);
  it->close();
  EXPECT_EQ(stays.calls, 2);
  it.reset();  // a waiter may outlive the partition
  co_await logs->stop();
}
TEST(partition, wakes_readers_that_wait_for_data) {
  in_real_world(wakes);
}

task<> finds_offsets(environment& in) {
  auto [logs, it] = co_await a_partition(in);
  must(co_await append(*it, 3));  // at 1000, 1001, 1002
  using isolation = replica::isolation;
  const auto at = [&it](std::int64_t timestamp) {
    return it->find_offset(timestamp, isolation::read_uncommitted, -1);
  };
  EXPECT_EQ(must(co_await at(-1)).offset, 3);
  EXPECT_EQ(must(co_await at(-2)).offset, 0);
  EXPECT_EQ(must(co_await at(-3)).offset, 2);
  EXPECT_EQ(must(co_await at(-5)).offset, -1);
  EXPECT_EQ(must(co_await at(1001)).offset, 1);
  EXPECT_EQ(must(co_await at(5000)).offset, -1);
  EXPECT_EQ(must(it->delete_records(2)), 2);
  EXPECT_EQ(must(co_await at(-2)).offset, 2);
  EXPECT_EQ(it->delete_records(4).error().code, error_code::offset_out_of_range);
  EXPECT_EQ(must(it->delete_records(-1)), 3);
  EXPECT_EQ(must(it->end_offset_for_epoch(3, -1)).end_offset, 3);
  it->close();
  co_await logs->stop();
}
TEST(partition, finds_offsets_by_time_and_by_name) {
  in_real_world(finds_offsets);
}

}  // namespace
}  // namespace barnabas::replica
