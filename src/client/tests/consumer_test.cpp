#include "client/consumer_core.h"
#include "client/piece_reader.h"
#include "protocol/messages/fetch_response.h"
#include "record/batch_builder.h"
#include "scripted_cluster.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;

std::vector<std::byte> batch_at(std::int64_t offset, int records,
                                record::compression_type compression, std::int64_t producer = -1) {
  record::batch_settings settings{.base_offset = offset, .compression = {compression}};
  settings.producer_id = producer;
  settings.is_transactional = producer >= 0;
  record::batch_builder builder(settings);
  for (int i = 0; i < records; ++i) {
    const std::string value = "value " + std::to_string(offset + i);
    builder.append({.timestamp = 1000 + i, .value = as_bytes(value)});
  }
  return builder.build();
}

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

std::vector<std::int64_t> offsets_of(piece_reader& reader) {
  std::vector<std::int64_t> offsets;
  record::record_view read;
  while (reader.next(read)) {
    EXPECT_EQ(as_text(*read.value), "value " + std::to_string(read.offset));
    offsets.push_back(read.offset);
  }
  EXPECT_TRUE(reader.outcome());
  return offsets;
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

reply fetched(const asked& question, error_code code, std::int64_t offset,
              std::int32_t session_id = 9) {
  static std::vector<std::byte> bytes;  // until the answer is encoded
  bytes = batch_at(offset, 2, record::compression_type::none);
  protocol::fetch_response answer;
  answer.session_id = session_id;
  answer.responses = {{.topic = "t", .partitions = {{.partition_index = 0, .error_code = code}}}};
  if (code == error_code::none) {
    answer.responses[0].partitions[0].records = protocol::records(bytes);
  }
  return {rpc::answer_frame(question, answer)};
}

struct consumed {
  std::vector<std::int64_t> offsets;
  std::vector<error> errors;
};

task<> consume(runtime::world& world, setting_map settings, std::size_t enough, consumed& into) {
  settings.emplace("bootstrap.servers", "broker:9092");
  consumer_core consumer(world, *make_consumer_configuration(settings));
  consumer.start();
  consumer.fetching().assign({{"t", 0}});
  recycled_buffers memory(1);
  for (int i = 0; i < 20'000 && into.offsets.size() < enough && into.errors.empty(); ++i) {
    auto piece = consumer.queue().take();
    if (!piece) {
      co_await runtime::sleep_for(1ms);
      continue;
    }
    consumer.fetching().wake();
    if (!piece->trouble) {
      into.errors.push_back(piece->trouble.error());
      break;
    }
    piece_reader reader(std::move(*piece), true, memory);
    for (const std::int64_t offset : offsets_of(reader)) {
      into.offsets.push_back(offset);
    }
  }
  co_await consumer.stop();
}

consumed consumed_from(rpc::script answer,
                       setting_map settings = {{"auto.offset.reset", "earliest"}}) {
  consumed got;
  rpc::scripted_world world(cluster_of_one(std::move(answer)));
  world.run([&](runtime::world& w) { return consume(w, settings, 20, got); });
  return got;
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

}  // namespace
}  // namespace barnabas::client
