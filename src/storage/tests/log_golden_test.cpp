// Log directories that Apache Kafka 3.9.2 wrote, one closed cleanly and one after kill -9, open
// here and hold what a Kafka consumer saw in them (tests/data/golden).
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "log_environment.h"
#include "runtime/real_world.h"
#include "storage/log_file_names.h"

namespace barnabas::storage::log_tests {
namespace {

std::string base64(bytes_view bytes) {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group =
          (group << 8) | (i + j < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + j]) : 0);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j <= bytes.size() ? alphabet[(group >> (18 - 6 * j)) & 63] : '=';
    }
  }
  return text;
}

std::string quoted(const std::optional<bytes_view>& bytes) {
  return bytes ? '"' + base64(*bytes) + '"' : "null";
}

// As in expected.jsonl, up to "committed".
std::string line_of(const std::string& topic, int partition, const record::batch_view& batch,
                    const record::record_view& record) {
  std::string headers;
  for (const record::record_header& header : record.headers) {
    headers +=
        fmt::format("{}[\"{}\",{}]", headers.empty() ? "" : ",", header.key, quoted(header.value));
  }
  const bool is_append_time = batch.timestamp_type() == record::timestamp_type::log_append_time;
  return fmt::format(R"({{"topic":"{}","partition":{},"offset":{},"timestamp":{},"type":"{}",)"
                     R"("key":{},"value":{},"headers":[{}],)",
                     topic, partition, record.offset, record.timestamp,
                     is_append_time ? "LogAppendTime" : "CreateTime", quoted(record.key),
                     quoted(record.value), headers);
}

using lines = std::map<std::int64_t, std::string>;

// What a consumer gives its user of a fetch's batches.
void consume(const std::string& topic, int partition, const read_result& fetched,
             bool is_committed_only, lines& into, std::int64_t& next_offset) {
  std::set<std::int64_t> aborting;
  std::vector<aborted_transaction> aborted = fetched.aborted;
  const auto bytes = bytes_of(fetched.slice);
  record::batches all(bytes);
  for (const record::batch_view batch : all) {
    EXPECT_TRUE(batch.is_crc_valid());
    std::erase_if(aborted, [&](const aborted_transaction& one) {
      const bool has_begun = one.first_offset <= batch.last_offset();
      if (has_begun) {
        aborting.insert(one.producer_id);
      }
      return has_begun;
    });
    record::record_reader reader(batch);
    for (auto next = reader.next(); next && *next; next = reader.next()) {
      if (batch.is_control()) {
        if (record::control_type_of(**next) == record::control_type::abort) {
          aborting.erase(batch.producer_id());
        }
      } else if (!is_committed_only || !batch.is_transactional() ||
                 !aborting.contains(batch.producer_id())) {
        if ((*next)->offset >= next_offset) {
          into[(*next)->offset] = line_of(topic, partition, batch, **next);
        }
      }
    }
    next_offset = batch.next_offset();
  }
}

lines consume_all(storage::log& log, const std::string& topic, int partition,
                  bool is_committed_only) {
  lines all;
  const std::int64_t end =
      is_committed_only ? log.last_stable_offset(log.log_end_offset()) : log.log_end_offset();
  std::int64_t offset = log.log_start_offset();
  while (offset < end) {
    const read_request request{.start_offset = offset,
                               .max_bytes = 5000,
                               .max_offset = end,
                               .with_aborted_transactions = is_committed_only};
    auto cold = log.cold_read_for(request);
    const auto fetched = cold ? cold->run() : log.read(request);
    EXPECT_TRUE(fetched);
    const std::int64_t before = offset;
    if (fetched) {
      consume(topic, partition, *fetched, is_committed_only, all, offset);
    }
    if (offset == before) {
      break;  // a hole at the end, or an error that was reported
    }
  }
  return all;
}

struct golden_environment {
  std::filesystem::path folder;
  runtime::real_world world{{.shards = 1, .pin_threads = false}};

  golden_environment() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "barnabas-golden-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~golden_environment() { std::filesystem::remove_all(folder); }

  // The expected lines by topic and partition, each with whether a read_committed reader sees it.
  std::map<std::string, std::map<std::int64_t, std::pair<std::string, bool>>> expected() {
    unpack("gzip -dc " BARNABAS_TEST_DATA "/golden/expected.jsonl.gz > " +
           (folder / "expected.jsonl").string());
    std::ifstream file(folder / "expected.jsonl");
    std::map<std::string, std::map<std::int64_t, std::pair<std::string, bool>>> all;
    for (std::string line; std::getline(file, line);) {
      const auto field = [&](const std::string& name) {
        const auto at = line.find('"' + name + "\":") + name.size() + 3;
        return line.substr(at, line.find_first_of(",}", at) - at);
      };
      const auto committed = line.rfind("\"committed\"");
      const std::string topic = field("topic");
      all[topic.substr(1, topic.size() - 2) + '-' + field("partition")]
         [std::stoll(field("offset"))] = {line.substr(0, committed), line.ends_with("true}")};
    }
    return all;
  }
  std::filesystem::path directory(const std::string& name) {
    unpack("tar -xzf " BARNABAS_TEST_DATA "/golden/" + name + "-3.9.2.tar.gz -C " +
           folder.string());
    return folder / name;
  }
  static void unpack(const std::string& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
};

std::int64_t recovery_point_of(const std::filesystem::path& directory,
                               const std::string& partition) {
  std::ifstream file(directory / "recovery-point-offset-checkpoint");
  std::string topic;
  std::int64_t index = 0;
  std::int64_t offset = 0;
  file >> index >> index;
  while (file >> topic >> index >> offset) {
    if (topic + '-' + std::to_string(index) == partition) {
      return offset;
    }
  }
  return 0;
}

std::unique_ptr<storage::log> open_golden(golden_environment& world,
                                          const std::filesystem::path& directory,
                                          const std::string& partition, bool was_clean) {
  log_config config{.segment_bytes = 32768};
  config.is_cleanup_compact = partition.starts_with("g-compact") || partition.starts_with("__");
  auto opened = storage::log::open(world.world.files(), (directory / partition).string(),
                                   {.config = std::make_shared<log_config>(config),
                                    .recovery_point = recovery_point_of(directory, partition),
                                    .had_clean_shutdown = was_clean,
                                    .now_ms = start_ms});
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
  return opened ? std::move(*opened) : nullptr;
}

void expect_golden(const std::string& name, bool was_clean) {
  golden_environment world;
  const auto directory = world.directory(name);
  for (const auto& [partition, wanted] : world.expected()) {
    const auto dash = partition.rfind('-');
    const std::string topic = partition.substr(0, dash);
    const int index = std::stoi(partition.substr(dash + 1));
    // Twice: as Kafka left it, and as we left it.
    for (const bool is_first : {true, false}) {
      auto log = open_golden(world, directory, partition, was_clean || !is_first);
      ASSERT_NE(log, nullptr);
      EXPECT_EQ(log->recovery().cut_bytes, 0) << partition;
      const lines everything = consume_all(*log, topic, index, false);
      const lines committed = consume_all(*log, topic, index, true);
      std::size_t committed_count = 0;
      for (const auto& [offset, line] : wanted) {
        ASSERT_TRUE(everything.contains(offset)) << partition << ' ' << offset;
        EXPECT_EQ(everything.at(offset), line.first);
        EXPECT_EQ(committed.contains(offset), line.second) << partition << ' ' << offset;
        committed_count += line.second ? 1 : 0;
      }
      EXPECT_EQ(everything.size(), wanted.size()) << partition;
      EXPECT_EQ(committed.size(), committed_count) << partition;
      EXPECT_TRUE(log->close());
    }
  }
}

TEST(log_golden, a_directory_that_kafka_closed) {
  expect_golden("clean", true);
}

TEST(log_golden, a_directory_after_kill_of_kafka) {
  expect_golden("dirty", false);
}

// The newest batch of each producer, as its log has it, is what the producer state knows.
void expect_producers(const std::string& name, bool was_clean) {
  golden_environment world;
  const auto directory = world.directory(name);
  std::size_t producers = 0;
  for (const std::string partition : {"g-idempotent-0", "g-idempotent-1", "g-txn-0", "g-txn-1"}) {
    const auto log = open_golden(world, directory, partition, was_clean);
    ASSERT_NE(log, nullptr);
    std::map<std::int64_t, std::pair<std::int16_t, std::int32_t>> last;
    for (std::int64_t offset = 0; offset < log->log_end_offset();) {
      const auto bytes = bytes_of(log->read({.start_offset = offset, .max_bytes = 1})->slice);
      const auto batch = record::batch_view::parse(bytes);
      ASSERT_TRUE(batch);
      if (batch->has_producer_id() && !batch->is_control()) {
        last[batch->producer_id()] = {batch->producer_epoch(), batch->last_sequence()};
      }
      offset = batch->next_offset();
    }
    producers += last.size();
    for (const auto& [id, epoch_and_sequence] : last) {
      const producer_entry* known = log->producers().find(id);
      ASSERT_NE(known, nullptr) << partition << " producer " << id;
      EXPECT_EQ(known->epoch, epoch_and_sequence.first);
      EXPECT_EQ(known->last_sequence(), epoch_and_sequence.second);
    }
  }
  EXPECT_GE(producers, 4U);
}

TEST(log_golden, producers_of_a_clean_directory_are_known) {
  expect_producers("clean", true);
}

TEST(log_golden, producers_of_a_killed_directory_are_known) {
  expect_producers("dirty", false);
}

TEST(log_golden, every_other_partition_opens) {
  for (const std::string name : {"clean", "dirty"}) {
    golden_environment world;
    const auto directory = world.directory(name);
    int opened = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      if (entry.is_directory() && entry.path().filename().string().starts_with("__")) {
        const auto log =
            open_golden(world, directory, entry.path().filename().string(), name == "clean");
        ASSERT_NE(log, nullptr);
        EXPECT_EQ(log->recovery().cut_bytes, 0);
        ++opened;
      }
    }
    EXPECT_EQ(opened, 100);
  }
}

}  // namespace
}  // namespace barnabas::storage::log_tests
