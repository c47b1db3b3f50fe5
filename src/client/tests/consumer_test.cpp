#include "client/offset_lookup.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/list_offsets_request.h"
#include "scripted_consumer.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;

fetched_piece piece_of(const std::vector<std::vector<std::byte>>& batches, std::int64_t offset) {
  std::vector<std::byte> all;
  for (const auto& each : batches) {
    all.insert(all.end(), each.begin(), each.end());
  }
  auto bytes = std::make_shared_for_overwrite<std::byte[]>(all.size());
  std::ranges::copy(all, bytes.get());
  auto partition = std::make_shared<assigned_partition>();
  partition->name = {"t", 0};
  return {.from = partition,
          .offset = offset,
          .bytes = bytes,
          .batches = bytes_view(bytes.get(), all.size())};
}

TEST(piece_reader, reads_every_compression_from_the_position_on) {
  using enum record::compression_type;
  recycled_buffers memory(2);
  for (const auto compression : {none, gzip, snappy, lz4, zstd}) {
    piece_reader reader(piece_of({batch_at(10, 3, compression), batch_at(13, 3, compression)}, 12),
                        true, memory);
    EXPECT_EQ(offsets_of(reader), (std::vector<std::int64_t>{12, 13, 14, 15}));
    EXPECT_EQ(reader.position(), 16);
  }
}

TEST(piece_reader, views_outlive_the_reader_with_its_buffers) {
  constexpr auto zstd = record::compression_type::zstd;
  recycled_buffers memory(2);
  std::vector<std::vector<std::shared_ptr<const std::byte[]>>> buffers;
  std::vector<std::string_view> values;
  for (int i = 0; i < 3; ++i) {
    piece_reader reader(piece_of({batch_at(i, 1, zstd)}, 0), false, memory);
    record::record_view read;
    ASSERT_TRUE(reader.next(read));
    values.push_back(as_text(*read.value));
    buffers.push_back(reader.take_buffers());
  }
  EXPECT_EQ(values, (std::vector<std::string_view>{"value 0", "value 1", "value 2"}));
}

TEST(piece_reader, memory_of_records_that_went_is_used_again) {
  constexpr auto lz4 = record::compression_type::lz4;
  recycled_buffers memory(2);
  const std::byte* first = nullptr;
  for (int i = 0; i < 3; ++i) {
    piece_reader reader(piece_of({batch_at(i, 1, lz4)}, 0), false, memory);
    record::record_view read;
    ASSERT_TRUE(reader.next(read));
    first = first == nullptr ? read.value->data() : first;
    EXPECT_EQ(read.value->data(), first);
  }
}

TEST(piece_reader, leaves_aborted_records_out) {
  auto piece = piece_of({batch_at(0, 2, record::compression_type::none, 5),
                         batch_at(2, 2, record::compression_type::none, 6),
                         batch_at(4, 1, record::compression_type::none)},
                        0);
  piece.aborted = {{.producer_id = 5, .first_offset = 0}};
  recycled_buffers memory(2);
  piece_reader reader(std::move(piece), false, memory);
  EXPECT_EQ(offsets_of(reader), (std::vector<std::int64_t>{2, 3, 4}));
}

TEST(piece_reader, says_where_a_batch_is_damaged) {
  auto damaged = batch_at(7, 2, record::compression_type::none);
  damaged.back() ^= std::byte{1};
  recycled_buffers memory(2);
  record::record_view read;
  piece_reader checking(piece_of({damaged}, 7), true, memory);
  ASSERT_FALSE(checking.next(read));
  EXPECT_EQ(checking.outcome().error().message, "t-0: the CRC of the batch at offset 7 is wrong");
  piece_reader other(piece_of({damaged}, 7), false, memory);
  EXPECT_TRUE(other.next(read));
  ASSERT_FALSE(other.next(read));
  EXPECT_EQ(other.outcome().error().message,
            "t-0: record 1: its header count is negative or more than its bytes can hold");
}

TEST(piece_reader, bears_every_prefix_and_every_flipped_byte) {
  const auto whole = batch_at(0, 3, record::compression_type::lz4);
  recycled_buffers memory(2);
  record::record_view read;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto cut = whole;
    cut.resize(i);
    piece_reader short_one(piece_of({cut}, 0), true, memory);
    while (short_one.next(read)) {
    }
    auto flipped = whole;
    flipped[i] ^= std::byte{0x80};
    piece_reader other(piece_of({flipped}, 0), true, memory);
    while (other.next(read)) {
    }
  }
}

TEST(fetch_queue, gives_nothing_once_the_session_may_have_ended) {
  fetch_queue queue;
  queue.put(piece_of({}, 0));
  queue.set_owned_until(runtime::now_anywhere() - 1ms);
  EXPECT_FALSE(queue.take().has_value());
  queue.set_owned_until(runtime::no_deadline);
  EXPECT_TRUE(queue.take().has_value());
}

TEST(fetch_queue, has_room_until_too_much_waits_that_can_be_given) {
  fetch_queue queue;
  const auto piece = piece_of({batch_at(0, 3, record::compression_type::none)}, 0);
  const auto bytes = static_cast<std::int64_t>(piece.batches.size());
  queue.put(piece);
  EXPECT_TRUE(queue.has_room(bytes));
  EXPECT_FALSE(queue.has_room(bytes - 1));
  piece.from->is_paused = true;
  EXPECT_TRUE(queue.has_room(0));
  piece.from->is_paused = false;
  ++piece.from->generation;
  EXPECT_TRUE(queue.has_room(0));
}

TEST(fetch_queue, gives_nothing_before_a_notice_has_been_dealt_with) {
  fetch_queue queue;
  queue.put(rebalance_notice{});
  queue.put(piece_of({}, 0));
  EXPECT_FALSE(queue.take().has_value());
  EXPECT_TRUE(queue.take_notice().has_value());
  EXPECT_FALSE(queue.take().has_value());
  queue.handled();
  EXPECT_TRUE(queue.take().has_value());
}

TEST(consumer, goes_on_after_every_error_that_passes) {
  for (int number = -1; number < 134; ++number) {
    const auto code = static_cast<error_code>(number);
    if (code == error_code::none || error_name(code) == "UNKNOWN" ||
        code == error_code::offset_out_of_range) {
      continue;
    }
    int asked_times = 0;
    std::int64_t next = 0;
    const auto got = consumed_from([&](const asked& question) {
      if (++asked_times == 3) {
        return fetched(question, code, 0);
      }
      next += 2;
      return fetched(question, error_code::none, next - 2);
    });
    if (is_retriable(code)) {
      EXPECT_EQ(got.offsets.size(), 20U) << error_name(code);
      EXPECT_TRUE(got.errors.empty()) << error_name(code);
    } else {
      ASSERT_EQ(got.errors.size(), 1U) << error_name(code);
      EXPECT_EQ(got.errors[0].code, code);
      EXPECT_NE(got.errors[0].message.find("t-0"), std::string::npos) << got.errors[0].message;
    }
    EXPECT_TRUE(std::ranges::is_sorted(got.offsets)) << error_name(code);
  }
}

TEST(consumer, begins_where_the_settings_say_when_an_offset_is_gone) {
  int asked_times = 0;
  const auto script = [&](const asked& question) {
    ++asked_times;
    return asked_times == 1 ? fetched(question, error_code::offset_out_of_range, 0)
                            : fetched(question, error_code::none, 2 * (asked_times - 2));
  };
  EXPECT_EQ(consumed_from(script).offsets.size(), 20U);
  asked_times = 0;
  const auto refused = consumed_from(script, {{"auto.offset.reset", "none"}});
  ASSERT_EQ(refused.errors.size(), 1U);
  EXPECT_EQ(refused.errors[0].code, error_code::offset_out_of_range);
}

TEST(consumer, begins_a_new_session_when_the_connection_breaks) {
  int asked_times = 0;
  std::int64_t next = 0;
  const auto got = consumed_from([&](const asked& question) {
    if (++asked_times % 4 == 0) {
      return reply{std::vector(30, std::byte{0x7e}), true};
    }
    next += 2;
    return fetched(question, error_code::none, next - 2);
  });
  EXPECT_EQ(got.offsets.size(), 20U);
}

// Answers to questions for offsets, in turn; what was asked for.
struct scripted_offsets {
  std::vector<std::int64_t> answers;
  std::vector<std::int64_t> times;
  std::int64_t fetched_at = -1;

  consumed read(const std::string& reset) {
    const rpc::script others = cluster_of_one([this](const asked& question) {
      const auto request = rpc::request_in<protocol::fetch_request>(question);
      fetched_at = request.topics.at(0).partitions.at(0).fetch_offset;
      return fetched(question, error_code::none, fetched_at, 0);
    });
    consumed got;
    rpc::scripted_world world([&](const asked& question) -> reply {
      if (question.key != protocol::api_key::list_offsets) {
        return others(question);
      }
      const auto request = rpc::request_in<protocol::list_offsets_request>(question);
      times.push_back(request.topics.at(0).partitions.at(0).timestamp);
      protocol::list_offsets_response answer;
      answer.topics = {
          {.name = "t",
           .partitions = {{.partition_index = 0, .offset = answers.at(times.size() - 1)}}}};
      return {rpc::answer_frame(question, answer)};
    });
    world.run(
        [&](runtime::world& w) { return consume(w, {{"auto.offset.reset", reset}}, 2, got); });
    return got;
  }
};

TEST(offsets_by_time, begin_and_end_are_asked_for_as_such) {
  scripted_offsets first{{7}};
  EXPECT_EQ(first.read("earliest").offsets.front(), 7);
  EXPECT_EQ(first.times, std::vector<std::int64_t>{time_of_begin});
  scripted_offsets last{{9}};
  EXPECT_EQ(last.read("latest").offsets.front(), 9);
  EXPECT_EQ(last.times, std::vector<std::int64_t>{time_of_end});
}

TEST(offsets_by_time, an_age_is_a_time_before_now) {
  scripted_offsets hour{{7}};
  scripted_offsets day{{7}};
  EXPECT_EQ(hour.read("by_duration:PT1H").offsets.front(), 7);
  EXPECT_EQ(day.read("by_duration:P1D").offsets.front(), 7);
  EXPECT_NEAR(static_cast<double>(hour.times.at(0) - day.times.at(0)), 23.0 * 3'600'000, 1000);
}

TEST(offsets_by_time, where_nothing_is_as_young_is_the_end) {
  scripted_offsets hour{{-1, 9}};
  EXPECT_EQ(hour.read("by_duration:PT1H").offsets.front(), 9);
  EXPECT_EQ(hour.times.at(1), time_of_end);
}

}  // namespace
}  // namespace barnabas::client
