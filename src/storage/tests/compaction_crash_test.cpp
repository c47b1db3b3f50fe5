// Compaction and crashes: of a log that was compacted, the machine stops after each change of names
// that the disk knows, one after the other, and in each case every key has its newest value.
#include "base/log.h"
#include "compaction_environment.h"
#include "storage/log_file_names.h"

namespace barnabas::storage::log_tests {
namespace {

// Stops before the n-th rename or removal in a folder.
class stopping_files final : public runtime::file_system {
 public:
  stopping_files(runtime::file_system& files, int changes) : files_(files), left_(changes) {}
  bool has_stopped() const { return left_ < 0; }

  result<std::shared_ptr<runtime::file>> open(const std::string& path,
                                              runtime::open_mode mode) override {
    return files_.open(path, mode);
  }
  bool exists(const std::string& path) const override { return files_.exists(path); }
  result<std::vector<runtime::directory_entry>> list(const std::string& folder) const override {
    return files_.list(folder);
  }
  result<> create_folder(const std::string& folder) override {
    return files_.create_folder(folder);
  }
  result<> remove(const std::string& file) override {
    return change(files_.exists(file), [&] { return files_.remove(file); });
  }
  result<> remove_folder(const std::string& folder) override {
    return files_.remove_folder(folder);
  }
  result<> rename(const std::string& from, const std::string& to) override {
    return change(files_.exists(from), [&] { return files_.rename(from, to); });
  }
  result<> sync_folder(const std::string& folder) override { return files_.sync_folder(folder); }
  result<> sync_file_system(const std::string& folder) override {
    return files_.sync_file_system(folder);
  }
  result<runtime::disk_space> space_of(const std::string& folder) const override {
    return files_.space_of(folder);
  }
  result<std::unique_ptr<runtime::file_lock>> lock(const std::string& path) override {
    return files_.lock(path);
  }

 private:
  template <class F>
  result<> change(bool counts, F work) {
    if (left_ < 0 || (counts && left_-- == 0)) {
      return fail(error_code::kafka_storage_error, "the machine has stopped");
    }
    return work();
  }

  runtime::file_system& files_;
  int left_;
};

// A log of several segments with transactions, of which one is aborted and its records are spread.
void fill(compaction_environment& world) {
  const producer aborting{.id = 3, .epoch = 0, .sequence = 0, .is_transactional = true};
  for (int i = 0; i < 120; ++i) {
    world.put("k" + std::to_string(i % 11), "v" + std::to_string(i));
    if (i == 40 || i == 70) {
      ASSERT_TRUE(world.append(keyed_batch({{"k1", "aborted"}, {"only there", "aborted"}},
                                           {.producer_id = 3,
                                            .producer_epoch = 0,
                                            .base_sequence = i == 40 ? 0 : 2,
                                            .is_transactional = true})));
    }
  }
  ASSERT_TRUE(world.end_transaction(aborting, record::control_type::abort));
  world.log->advance_high_watermark(world.log->log_end_offset());
  world.seal();
}

void expect_newest(compaction_environment& world, const std::string& when) {
  SCOPED_TRACE(when);
  EXPECT_EQ(world.log->log_end_offset(), 125);
  auto read = world.log->read(
      {.start_offset = 0, .max_bytes = 10 << 20, .with_aborted_transactions = true});
  ASSERT_TRUE(read);
  const auto found = world.values();
  for (int key = 0; key < 11; ++key) {
    const int newest = key < 10 ? 110 + key : 109;
    const auto& of_key = found.at("k" + std::to_string(key));
    EXPECT_EQ(of_key.back(), "v" + std::to_string(newest)) << "key " << key;
  }
  // Whoever sees a batch of the aborted transaction is told so.
  bool has_aborted = false;
  for (const record::batch_view batch : world.batches()) {
    has_aborted = has_aborted || (batch.is_transactional() && !batch.is_control());
  }
  if (has_aborted) {
    std::size_t told = 0;
    for (std::int64_t from = 0; from < 125;) {
      read = world.log->read(
          {.start_offset = from, .max_bytes = 1 << 20, .with_aborted_transactions = true});
      ASSERT_TRUE(read);
      if (read->empty()) {
        break;
      }
      told += read->aborted.size();
      const auto bytes = bytes_of(read->slice);
      record::batches all(bytes);
      for (const record::batch_view batch : all) {
        from = batch.next_offset();
      }
    }
    EXPECT_GT(told, 0U);
  }
}

// Whether the round came to its end.
bool compact_until(compaction_environment& world, int changes) {
  stopping_files files(world.files, changes);
  auto stopped = storage::log::open(files, world.folder,
                                    {.config = std::make_shared<log_config>(world.config),
                                     .recovery_point = world.log->recovery_point(),
                                     .had_clean_shutdown = true,
                                     .now_ms = world.now_ms});
  EXPECT_TRUE(stopped);
  EXPECT_FALSE(files.has_stopped());
  std::ignore = compact_log(files, **stopped, world.now_ms, world.limits, [] {});
  return !files.has_stopped();
}

class compaction_crash : public ::testing::TestWithParam<bool> {};

TEST_P(compaction_crash, after_any_change_of_names_every_key_has_its_newest_value) {
  const bool loses_power = GetParam();
  set_log_level(log_level::off);
  bool is_done = false;
  for (int changes = 0; !is_done; ++changes) {
    ASSERT_LT(changes, 500);
    for (int rounds = 1; rounds <= 2; ++rounds) {
      compaction_environment world;
      world.open();
      fill(world);
      ASSERT_TRUE(world.files.sync_file_system("/data"));
      if (rounds == 2) {
        ASSERT_TRUE(world.try_compact());
        world.log->set_cleaned_offset(0);
        world.config.segment_bytes = 10'000;  // so that segments are merged
        ASSERT_TRUE(world.files.sync_file_system("/data"));
      }
      is_done = compact_until(world, changes);
      const std::int64_t recovery_point = world.log->recovery_point();
      world.log.reset();
      if (loses_power) {
        world.files.lose_power();
      }
      const std::string when =
          std::to_string(changes) + " changes of round " + std::to_string(rounds);
      world.open(false, recovery_point);
      ASSERT_NE(world.log, nullptr);
      expect_newest(world, when);
      world.log->advance_high_watermark(world.log->log_end_offset());
      world.flush();
      ASSERT_TRUE(world.try_compact()) << when;
      expect_newest(world, when + ", then compacted");
      if (HasFailure()) {
        return set_log_level(log_level::info);
      }
    }
  }
  set_log_level(log_level::info);
}

INSTANTIATE_TEST_SUITE_P(of_process_and_power, compaction_crash, ::testing::Values(false, true),
                         [](const auto& with) { return with.param ? "power" : "process"; });

}  // namespace
}  // namespace barnabas::storage::log_tests
