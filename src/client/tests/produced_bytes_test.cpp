// What a producer puts into its requests, and the bounds that its settings draw.
#include "scripted_consumer.h"
#include "scripted_producer.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;

// What the request carries to t-0, of its own bytes.
fetched_piece piece_in(const asked& question) {
  const auto request = rpc::request_in<protocol::produce_request>(question);
  const bytes_view all = request.topic_data.at(0).partition_data.at(0).records.bytes();
  auto bytes = std::make_shared_for_overwrite<std::byte[]>(all.size());
  std::ranges::copy(all, bytes.get());
  auto partition = std::make_shared<assigned_partition>();
  partition->name = {"t", 0};
  return {.from = partition, .bytes = bytes, .batches = bytes_view(bytes.get(), all.size())};
}

using producer_story = std::function<task<>(producer_core&)>;

task<> live(runtime::world& world, const setting_map& settings, const producer_story& story) {
  producer_core producer(world, *make_producer_configuration(settings));
  producer.start();
  co_await story(producer);
  producer.records().begin_flush();
  while (producer.records().outstanding() > 0) {
    co_await runtime::sleep_for(1ms);
  }
  co_await producer.stop();
}

// Until listeners have heard of everything.
void with_producer(setting_map settings, rpc::script answer, const producer_story& story) {
  settings.emplace("bootstrap.servers", "broker:9092");
  rpc::scripted_world world(cluster_of_one(std::move(answer)));
  world.run([&](runtime::world& w) { return live(w, settings, story); });
}

TEST(produced_bytes, headers_stand_in_their_order_as_they_were_given) {
  std::vector<record::record_header> headers{{"first", as_bytes("one")},
                                             {"", as_bytes("no key")},
                                             {"first", as_bytes("again")},
                                             {"null", std::nullopt},
                                             {"empty", bytes_view()}};
  for (const std::string compression : {"none", "lz4"}) {
    int seen = 0;
    listener told;
    with_producer(
        {{"compression.type", compression}},
        [&](const asked& question) {
          recycled_buffers memory(1);
          piece_reader reader(piece_in(question), true, memory);
          record::record_view read;
          EXPECT_TRUE(reader.next(read));
          std::size_t i = 0;
          for (const record::record_header& each : read.headers) {
            EXPECT_EQ(each.key, headers.at(i).key);
            EXPECT_EQ(each.value.has_value(), headers[i].value.has_value());
            EXPECT_EQ(as_text(each.value.value_or(bytes_view())),
                      as_text(headers[i].value.value_or(bytes_view())));
            ++i;
          }
          EXPECT_EQ(i, headers.size());
          EXPECT_EQ(as_text(*read.value), "value");
          EXPECT_FALSE(read.key.has_value());
          EXPECT_EQ(read.timestamp, 12345);
          ++seen;
          return produced(question, error_code::none, 0);
        },
        [&](producer_core& producer) -> task<> {
          co_await append(producer.records(), {.topic = "t",
                                               .value = as_bytes("value"),
                                               .timestamp_ms = 12345,
                                               .headers = headers,
                                               .listener = &told});
        });
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(told.fates.size(), 1U);
  }
}

// Records that compress, but not to nothing.
std::string text_of_words(int count) {
  std::string text;
  std::uint32_t state = 1;
  for (int i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    text += "word" + std::to_string(state >> 22) + ' ';
  }
  return text;
}

std::size_t bytes_with(const std::string& compression, int level) {
  const std::string text = text_of_words(20'000);
  std::size_t bytes = 0;
  listener told;
  with_producer(
      {{"compression.type", compression}, {"compression.level", std::to_string(level)}},
      [&](const asked& question) {
        recycled_buffers memory(1);
        piece_reader reader(piece_in(question), true, memory);
        record::record_view read;
        EXPECT_TRUE(reader.next(read));
        EXPECT_EQ(as_text(*read.value), text);
        bytes += question.frame.size();
        return produced(question, error_code::none, 0);
      },
      [&](producer_core& producer) -> task<> {
        co_await append(producer.records(),
                        {.topic = "t", .value = as_bytes(text), .listener = &told});
      });
  return bytes;
}

TEST(produced_bytes, a_higher_level_compresses_more) {
  EXPECT_LT(bytes_with("gzip", 9), bytes_with("gzip", 1));
  EXPECT_LT(bytes_with("lz4", 12), bytes_with("lz4", 1));
  EXPECT_LT(bytes_with("zstd", 19), bytes_with("zstd", 1));
}

TEST(produced_bytes, a_level_beyond_the_compression_is_its_highest_and_minus_1_its_own) {
  EXPECT_EQ(bytes_with("gzip", 22), bytes_with("gzip", 9));
  EXPECT_EQ(bytes_with("gzip", -1), bytes_with("gzip", 6));
  EXPECT_EQ(bytes_with("zstd", -1), bytes_with("zstd", 3));
  EXPECT_EQ(bytes_with("snappy", 9), bytes_with("snappy", -1));
}

TEST(produced_bytes, requests_and_batches_keep_to_their_bounds) {
  constexpr std::size_t header_bytes = 200;  // of a request, its topic and a batch
  std::size_t largest = 0;
  std::int32_t most_records = 0;
  const auto fates = fates_of({.settings = {{"message.max.bytes", "5000"},
                                            {"batch.size", "3000"},
                                            {"batch.num.messages", "20"},
                                            {"linger.ms", "50"}},
                               .records = 500,
                               .value_bytes = 100},
                              [&](const asked& question) {
                                largest = std::max(largest, question.frame.size());
                                most_records =
                                    std::max(most_records, batch_in(question).record_count());
                                return produced(question, error_code::none, 0);
                              });
  EXPECT_EQ(fates.size(), 500U);
  EXPECT_LE(largest, 3000 + header_bytes);
  EXPECT_GT(largest, 2000U);
  EXPECT_EQ(most_records, 20);
}

TEST(produced_bytes, the_queue_takes_no_more_bytes_than_it_may) {
  const std::string value(10'000, 'v');
  int taken = 0;
  listener told;
  with_producer(
      {{"queue.buffering.max.kbytes", "100"}, {"linger.ms", "10000"}},
      [](const asked& question) { return produced(question, error_code::none, 0); },
      [&](producer_core& producer) -> task<> {
        const produced_record record{.topic = "t", .value = as_bytes(value), .listener = &told};
        while (*producer.records().append(record) == append_outcome::no_partitions) {
          co_await runtime::sleep_for(1ms);
        }
        taken = 1;
        auto next = record;
        while (taken < 100) {
          next.tag = static_cast<std::uint64_t>(taken);
          if (*producer.records().append(next) == append_outcome::no_room) {
            break;
          }
          ++taken;
        }
      });
  EXPECT_EQ(taken, 10) << "of 10,000 bytes each and some more";
  EXPECT_EQ(told.fates.size(), 10U) << "and they are delivered";
}

TEST(purge, fails_what_waits_and_leaves_what_is_under_way) {
  std::size_t purged = 0;
  listener told;
  with_producer(
      {{"linger.ms", "500"}, {"request.timeout.ms", "5000"}},
      [](const asked& question) { return produced(question, error_code::none, 7); },
      [&](producer_core& producer) -> task<> {
        co_await append(producer.records(), {.topic = "t", .tag = 0, .listener = &told});
        co_await runtime::sleep_for(1s);  // delivered
        for (std::uint64_t i = 1; i <= 5; ++i) {
          co_await append(producer.records(), {.topic = "t", .tag = i, .listener = &told});
        }
        purged = co_await producer.purge();
        co_await append(producer.records(), {.topic = "t", .tag = 6, .listener = &told});
      });
  EXPECT_EQ(purged, 5U);
  ASSERT_EQ(told.fates.size(), 7U);
  for (const auto& [tag, of] : told.fates) {
    const bool is_purged = tag >= 1 && tag <= 5;
    EXPECT_EQ(of.code, is_purged ? error_code::operation_not_attempted : error_code::none) << tag;
    EXPECT_EQ(of.message, is_purged ? "purged from the queue" : "") << tag;
  }
}

}  // namespace
}  // namespace barnabas::client
