// Random operations on a log and on a model of it, from seeds, with crashes that lose or tear what
// was not synced. One seed again: BARNABAS_LOG_SEED=17 storage_tests --gtest_filter=log_model.*
#include <set>

#include "log_environment.h"
#include "log_model.h"
#include "log_seeds.h"

namespace barnabas::storage::log_tests {
namespace {

using runtime::simulated::disk_operation;

class log_world {
 public:
  explicit log_world(std::uint64_t seed) : simulation_(seed) {
    config_.segment_bytes = 600 + static_cast<std::int64_t>(random(4000));
    config_.index_interval_bytes = 1 + static_cast<std::int64_t>(random(500));
    config_.retention_bytes = random(2) == 0 ? 6000 : -1;
    EXPECT_TRUE(files_.create_folder(folder_));
    EXPECT_TRUE(files_.sync_folder("/data"));
    open(false);
  }

  void run(int operations) {
    for (int i = 0; i < operations && !::testing::Test::HasFailure(); ++i) {
      step();
    }
    verify();
  }

 private:
  std::uint64_t random(std::uint64_t below) { return simulation_.random().below(below); }
  bool chance(std::uint64_t in_hundred) { return random(100) < in_hundred; }

  void step() {
    const auto choice = random(100);
    if (choice < 45) {
      append_plain();
    } else if (choice < 60) {
      append_idempotent();
    } else if (choice < 72) {
      transact();
    } else if (choice < 76) {
      flush();
    } else if (choice < 80) {
      truncate();
    } else if (choice < 83) {
      delete_old();
    } else if (choice < 86) {
      log_->release_idle();
    } else if (choice < 88) {
      EXPECT_TRUE(log_->roll(start_ms));
    } else if (choice < 91) {
      append_to_broken_disk();
    } else if (choice < 94) {
      crash();
    } else if (choice < 96) {
      close();
    } else {
      verify();
    }
  }

  void open(bool was_clean) {
    log_.reset();
    auto opened = storage::log::open(files_, folder_,
                                     {.config = std::make_shared<log_config>(config_),
                                      .recovery_point = recovery_point_,
                                      .log_start_offset = model_.start_offset,
                                      .had_clean_shutdown = was_clean,
                                      .now_ms = start_ms});
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
    log_->advance_high_watermark(log_->log_end_offset());
  }

  model_batch new_batch() {
    return {.base_offset = model_.end_offset,
            .count = 1 + static_cast<int>(random(5)),
            .tag = "tag" + std::to_string(++tags_) + std::string(random(80), '.'),
            .timestamp = start_ms + static_cast<std::int64_t>(tags_) * 40 +
                         static_cast<std::int64_t>(random(200))};
  }

  result<append_info> write(const model_batch& batch) {
    record::batch_builder builder(
        {.producer_id = batch.producer_id,
         .producer_epoch = static_cast<std::int16_t>(batch.producer_id < 0 ? -1 : 0),
         .base_sequence = batch.sequence,
         .is_transactional = batch.is_transactional});
    for (int i = 0; i < batch.count; ++i) {
      builder.append({.timestamp = batch.timestamp + i, .value = as_bytes(batch.tag)});
    }
    auto bytes = builder.build();
    auto done = log_->append_as_leader(bytes, 0, record::origin::client, start_ms);
    log_->advance_high_watermark(log_->log_end_offset());
    return done;
  }

  void expect_appended(const model_batch& batch, const result<append_info>& done) {
    ASSERT_TRUE(done) << done.error().message;
    may_have_stale_end_ = false;
    EXPECT_FALSE(done->is_duplicate);
    EXPECT_EQ(done->first_offset, batch.base_offset);
    EXPECT_EQ(done->last_offset, batch.end_offset() - 1);
    model_.append(batch);
  }

  void append_plain() {
    const model_batch batch = new_batch();
    expect_appended(batch, write(batch));
  }

  void append_idempotent() {
    model_batch batch = new_batch();
    batch.producer_id = 1 + static_cast<std::int64_t>(random(3));
    const auto known = model_.producers.find(batch.producer_id);
    batch.sequence = known == model_.producers.end() ? 0 : known->second.next_sequence;
    if (known != model_.producers.end() && !known->second.batches.empty() && chance(30)) {
      const model_batch again = known->second.batches.back();
      const auto done = write(again);
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_TRUE(done->is_duplicate);
      EXPECT_EQ(done->first_offset, again.base_offset);
      return;
    }
    if (known != model_.producers.end() && chance(10)) {
      batch.sequence += 3;
      const auto done = write(batch);
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().code, error_code::out_of_order_sequence_number);
      return;
    }
    expect_appended(batch, write(batch));
  }

  void transact() {
    model_batch batch = new_batch();
    batch.producer_id = 11 + static_cast<std::int64_t>(random(3));
    const auto known = model_.producers.find(batch.producer_id);
    if (known == model_.producers.end() || !known->second.transaction_first_offset || chance(50)) {
      batch.is_transactional = true;
      batch.sequence = known == model_.producers.end() ? 0 : known->second.next_sequence;
      expect_appended(batch, write(batch));
      return;
    }
    batch.is_marker = true;
    batch.is_abort = chance(50);
    batch.count = 1;
    // A marker's only sign is its time.
    batch.timestamp = start_ms + static_cast<std::int64_t>(tags_) * 40;
    batch.tag = "marker" + std::to_string(batch.timestamp);
    auto bytes = record::build_transaction_marker(
        {.type = batch.is_abort ? record::control_type::abort : record::control_type::commit,
         .coordinator_epoch = 0},
        batch.producer_id, 0, batch.timestamp);
    const auto done = log_->append_as_leader(bytes, 0, record::origin::coordinator, start_ms);
    log_->advance_high_watermark(log_->log_end_offset());
    expect_appended(batch, done);
  }

  void flush() {
    if (const auto work = log_->take_flush_work()) {
      ASSERT_TRUE(work->write_epochs(files_));
      ASSERT_TRUE(work->sync(files_));
      log_->flushed(*work);
    }
    EXPECT_EQ(log_->recovery_point(), model_.end_offset);
    if (chance(50)) {
      recovery_point_ = log_->recovery_point();
    }
  }

  void truncate() {
    const std::int64_t offset =
        model_.start_offset +
        static_cast<std::int64_t>(
            random(static_cast<std::uint64_t>(model_.end_offset - model_.start_offset) + 1));
    if (chance(10)) {
      const std::int64_t start = model_.end_offset + static_cast<std::int64_t>(random(100));
      ASSERT_TRUE(log_->truncate_fully_and_start_at(start));
      model_.set_batches({});
      model_.start_offset = model_.end_offset = start;
      // What is durable now would be found as it is now.
      flush();
    } else {
      ASSERT_TRUE(log_->truncate_to(offset));
      model_.truncate(offset);
    }
    EXPECT_EQ(log_->log_end_offset(), model_.end_offset);
    recovery_point_ = log_->recovery_point();
    log_->advance_high_watermark(log_->log_end_offset());
    ask_for_unsure_producers();
  }

  void delete_old() {
    if (chance(50)) {
      const std::int64_t offset =
          model_.start_offset +
          static_cast<std::int64_t>(
              random(static_cast<std::uint64_t>(model_.end_offset - model_.start_offset) / 2 + 1));
      log_->advance_log_start_offset(offset);
    }
    const auto deleted = log_->delete_old_segments(start_ms, model_.end_offset);
    ASSERT_TRUE(deleted) << deleted.error().message;
    for (const std::string& path : deleted->files) {
      if (chance(70)) {
        EXPECT_TRUE(files_.remove(path));
      }
    }
    EXPECT_GE(log_->log_start_offset(), model_.start_offset);
    model_.start_offset = log_->log_start_offset();
  }

  void append_to_broken_disk() {
    const bool is_full = chance(50);
    if (is_full) {
      files_.set_capacity("/data", 1 + static_cast<std::int64_t>(random(10'000)));
    } else {
      const auto operation = chance(70) ? disk_operation::write : disk_operation::open;
      files_.inject({.operation = operation,
                     .prefix = folder_,
                     .error_number = 5,
                     .times = 1 + static_cast<int>(random(3))});
    }
    const model_batch batch = new_batch();
    const auto done = write(batch);
    if (done) {
      expect_appended(batch, done);
    } else {
      EXPECT_EQ(done.error().code, error_code::kafka_storage_error);
      model_.history[batch.tag] = batch;
      may_have_stale_end_ = true;
    }
    files_.set_capacity("/data", -1);
    files_.clear_faults();
    EXPECT_EQ(log_->log_end_offset(), model_.end_offset);
  }

  void crash() {
    log_.reset();
    const bool is_power_loss = chance(60);
    if (is_power_loss) {
      files_.lose_power();
    }
    open(false);
    ASSERT_NE(log_, nullptr);
    if (!is_power_loss) {
      EXPECT_GE(log_->log_end_offset(), model_.end_offset);
    }
    if (is_power_loss || std::exchange(may_have_stale_end_, false)) {
      take_over_what_is_left();
    } else {
      ask_for_unsure_producers();
    }
    verify();
    recovery_point_ = log_->recovery_point();
  }

  void close() {
    const auto closed = log_->close();
    ASSERT_TRUE(closed) << closed.error().message;
    ASSERT_TRUE(files_.sync_file_system("/data"));
    log_.reset();
    if (chance(50)) {
      files_.lose_power();
    }
    open(true);
    recovery_point_ = log_->recovery_point();
    verify();
  }

  std::string tag_of(const record::batch_view& batch) {
    if (batch.is_control()) {
      return "marker" + std::to_string(batch.max_timestamp());
    }
    record::record_reader reader(batch);
    const auto first = reader.next();
    return first && *first && (*first)->value ? std::string(as_text(*(*first)->value)) : "?";
  }

  // The batches from the log start on, as the log gives them.
  std::vector<model_batch> read_batches() {
    std::vector<model_batch> found;
    std::int64_t offset = log_->log_start_offset();
    while (offset < log_->log_end_offset()) {
      const auto read = log_->read(
          {.start_offset = offset, .max_bytes = 1 + static_cast<std::int64_t>(random(3000))});
      EXPECT_TRUE(read) << (read ? "" : read.error().message);
      const auto bytes = bytes_of(read ? read->slice : runtime::file_slice());
      record::batches all(bytes);
      const std::int64_t before = offset;
      for (const record::batch_view batch : all) {
        EXPECT_TRUE(batch.is_crc_valid());
        const std::string tag = tag_of(batch);
        const auto known = model_.history.find(tag);
        EXPECT_NE(known, model_.history.end()) << tag << " was never written";
        if (known != model_.history.end()) {
          EXPECT_EQ(known->second.base_offset, batch.base_offset()) << tag;
          found.push_back(known->second);
        }
        offset = batch.next_offset();
      }
      EXPECT_GT(offset, before) << "a read at " << before << " of " << log_->log_end_offset();
      if (offset == before) {
        break;
      }
    }
    return found;
  }

  // After a power loss: what was durable is as it was, the rest are batches that were written once.
  void take_over_what_is_left() {
    EXPECT_GE(log_->log_end_offset(), std::min(recovery_point_, model_.end_offset));
    const std::vector<model_batch> found = read_batches();
    std::vector<model_batch> durable;
    std::vector<model_batch> expected;
    const std::int64_t start_offset = log_->log_start_offset();
    for (const model_batch& batch : found) {
      if (batch.end_offset() <= recovery_point_) {
        durable.push_back(batch);
      }
    }
    for (const model_batch& batch : model_.batches) {
      if (batch.end_offset() <= recovery_point_ && batch.end_offset() > start_offset) {
        expected.push_back(batch);
      }
    }
    expect_same(durable, expected);
    std::vector<model_batch> all;
    for (const model_batch& batch : model_.batches) {
      // Producers are known longer than their records. What was not durable may be another batch
      // now.
      if (batch.end_offset() <= std::min(start_offset, recovery_point_)) {
        all.push_back(batch);
      }
    }
    all.insert(all.end(), found.begin(), found.end());
    model_.set_batches(std::move(all));
    model_.start_offset = start_offset;
    model_.end_offset = log_->log_end_offset();
    ask_for_unsure_producers();
  }

  // A snapshot may be lost with what it alone knew: of producers whose last batches were deleted.
  void ask_for_unsure_producers() {
    for (auto at = model_.producers.begin(); at != model_.producers.end();) {
      model_producer& producer = at->second;
      const producer_entry* known = log_->producers().find(at->first);
      if (!producer.batches.empty() && producer.batches.back().base_offset >= model_.start_offset) {
        // That it began below the start the log may have forgotten, or it alone may know: nobody
        // can read what was there.
        if (known != nullptr && producer.transaction_first_offset &&
            known->transaction_first_offset >= 0 &&
            (producer.transaction_first_offset < model_.start_offset ||
             known->transaction_first_offset < model_.start_offset)) {
          producer.transaction_first_offset = known->transaction_first_offset;
        }
        ++at;
      } else if (known == nullptr) {
        at = model_.producers.erase(at);
      } else {
        producer = {.next_sequence = known->last_sequence() + 1};
        if (known->transaction_first_offset >= 0) {
          producer.transaction_first_offset = known->transaction_first_offset;
        }
        ++at;
      }
    }
    for (const auto& [id, known] : log_->producers().producers()) {
      if (known.last_offset() < model_.start_offset && !model_.producers.contains(id)) {
        model_.producers[id].next_sequence = known.last_sequence() + 1;
        if (known.transaction_first_offset >= 0) {
          model_.producers[id].transaction_first_offset = known.transaction_first_offset;
        }
      }
    }
  }

  void expect_same(const std::vector<model_batch>& found,
                   const std::vector<model_batch>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].tag, expected[i].tag) << "at offset " << expected[i].base_offset;
    }
  }

  void verify() {
    ASSERT_EQ(log_->log_end_offset(), model_.end_offset);
    ASSERT_EQ(log_->log_start_offset(), model_.start_offset);
    std::vector<model_batch> expected;
    for (const model_batch& batch : model_.batches) {
      if (batch.end_offset() > model_.start_offset) {
        expected.push_back(batch);
      }
    }
    expect_same(read_batches(), expected);
    verify_producers();
    verify_times(expected);
    verify_committed(expected);
  }

  void verify_producers() {
    for (const auto& [id, producer] : model_.producers) {
      const bool is_sure =
          !producer.batches.empty() && producer.batches.back().base_offset >= model_.start_offset;
      const producer_entry* known = log_->producers().find(id);
      if (!is_sure) {
        continue;
      }
      ASSERT_NE(known, nullptr) << "producer " << id;
      EXPECT_EQ(known->last_sequence() + 1, producer.next_sequence) << "producer " << id;
      EXPECT_EQ(known->last_offset() + 1, producer.batches.back().end_offset());
      EXPECT_EQ(known->transaction_first_offset, producer.transaction_first_offset.value_or(-1))
          << "producer " << id;
    }
  }

  void verify_times(const std::vector<model_batch>& batches) {
    if (batches.empty()) {
      return;
    }
    const std::int64_t wanted =
        batches[random(batches.size())].timestamp + static_cast<std::int64_t>(random(4));
    std::optional<std::int64_t> offset;
    for (const model_batch& batch : batches) {
      for (int i = 0; i < batch.count && !offset; ++i) {
        if (batch.timestamp + i >= wanted && batch.base_offset + i >= model_.start_offset) {
          offset = batch.base_offset + i;
        }
      }
    }
    const auto found = log_->search_timestamp(wanted).run();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found ? std::optional((*found)->offset) : std::nullopt, offset)
        << "timestamp " << wanted;
  }

  void verify_committed(const std::vector<model_batch>& batches) {
    const std::int64_t stable = log_->last_stable_offset(log_->log_end_offset());
    EXPECT_EQ(stable, model_.first_unstable_offset());
    std::int64_t offset = model_.start_offset;
    std::set<std::int64_t> visible;
    while (offset < stable) {
      const auto read = log_->read({.start_offset = offset,
                                    .max_bytes = 2000,
                                    .max_offset = stable,
                                    .with_aborted_transactions = true});
      ASSERT_TRUE(read) << read.error().message;
      const std::int64_t next = consume(*read, visible);
      ASSERT_GT(next, offset);
      offset = next;
    }
    for (const model_batch& batch : batches) {
      const bool is_expected = !batch.is_marker && batch.end_offset() <= stable &&
                               !model_.aborted.contains(batch.base_offset);
      EXPECT_EQ(visible.contains(batch.base_offset), is_expected) << "offset " << batch.base_offset;
    }
  }

  // As a read_committed consumer: the base offsets of the batches that it shows.
  static std::int64_t consume(const read_result& read, std::set<std::int64_t>& visible) {
    std::int64_t next = -1;
    std::set<std::int64_t> aborting;
    auto aborted = read.aborted;
    const auto bytes = bytes_of(read.slice);
    record::batches all(bytes);
    for (const record::batch_view batch : all) {
      std::erase_if(aborted, [&](const aborted_transaction& one) {
        return one.first_offset <= batch.last_offset() && aborting.insert(one.producer_id).second;
      });
      if (batch.is_control()) {
        aborting.erase(batch.producer_id());
      } else if (!batch.is_transactional() || !aborting.contains(batch.producer_id())) {
        visible.insert(batch.base_offset());
      }
      next = batch.next_offset();
    }
    return next;
  }

  runtime::simulated::simulation simulation_;
  runtime::simulated::disk& files_ = simulation_.add_machine("disk", 1).disk();
  std::string folder_ = "/data/t-0";
  log_config config_;
  std::unique_ptr<storage::log> log_;
  log_model model_;
  // What the checkpoint says.
  std::int64_t recovery_point_ = 0;
  int tags_ = 0;
  // An append failed, and so may have what should have cut off what it had written: a process that
  // is killed now finds it.
  bool may_have_stale_end_ = false;
};

TEST(log_model, random_operations_with_crashes) {
  for_each_seed("log_model", 150, [](std::uint64_t seed) {
    log_world world(seed);
    world.run(200);
  });
}

}  // namespace
}  // namespace barnabas::storage::log_tests
