// Random operations on a compacted log and on a model of it, from seeds, with crashes in the middle
// of compactions. The model knows every record that was written; of the log it is asked that
// whatever a reader finds was written there, that all of it is there above the part that was
// compacted, and below that the newest record of each key, tombstones as long as they must stay.
// One seed again: BARNABAS_LOG_SEED=17 storage_tests --gtest_filter=compaction_model.*
#include <cerrno>
#include <set>

#include "compaction_environment.h"
#include "log_model.h"
#include "log_seeds.h"

namespace barnabas::storage::log_tests {
namespace {

using runtime::simulated::disk_operation;

constexpr std::int64_t retention_ms = 1000;
constexpr int key_count = 12;

struct found_record {
  std::int64_t offset = 0;
  std::string key;
  std::string tag;
  bool is_tombstone = false;
  std::int64_t timestamp = 0;
};

// The n-th batch that was written has these keys, and every sixth only tombstones.
std::string key_of(const model_batch& batch, int record) {
  return "k" + std::to_string((std::stoi(batch.tag) * 5 + record * 7) % key_count);
}
bool is_tombstone(const model_batch& batch) {
  return std::stoi(batch.tag) % 6 == 0;
}

class compacted_world {
 public:
  explicit compacted_world(std::uint64_t seed) : simulation_(seed) {
    config_.segment_bytes = 600 + static_cast<std::int64_t>(random(3000));
    config_.index_interval_bytes = 1 + static_cast<std::int64_t>(random(500));
    config_.is_cleanup_compact = true;
    config_.is_cleanup_delete = chance(30);
    config_.retention_bytes = config_.is_cleanup_delete ? 8000 : -1;
    config_.delete_retention_ms = retention_ms;
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
    if (choice < 35) {
      append(record::no_producer_id, false);
    } else if (choice < 45) {
      append(1 + static_cast<std::int64_t>(random(3)), false);
    } else if (choice < 60) {
      transact();
    } else if (choice < 68) {
      flush();
    } else if (choice < 72) {
      EXPECT_TRUE(log_->roll(now_ms_));
    } else if (choice < 84) {
      compact();
    } else if (choice < 87) {
      truncate();
    } else if (choice < 90) {
      delete_old();
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
                                      .cleaned_offset = cleaned_checkpoint_,
                                      .had_clean_shutdown = was_clean,
                                      .now_ms = start_ms});
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
    log_->advance_high_watermark(log_->log_end_offset());
  }

  void append(std::int64_t producer_id, bool is_transactional) {
    model_batch batch{.base_offset = model_.end_offset,
                      .count = 1 + static_cast<int>(random(5)),
                      .tag = std::to_string(++tags_),
                      .timestamp = start_ms + tags_ * 10,
                      .producer_id = producer_id,
                      .is_transactional = is_transactional};
    if (producer_id >= 0) {
      const auto known = model_.producers.find(producer_id);
      batch.sequence = known == model_.producers.end() ? 0 : known->second.next_sequence;
    }
    record::batch_builder builder(
        {.compression = {.type = tags_ % 4 == 0 ? record::compression_type::lz4
                                                : record::compression_type::none},
         .producer_id = batch.producer_id,
         .producer_epoch = static_cast<std::int16_t>(batch.producer_id < 0 ? -1 : 0),
         .base_sequence = batch.sequence,
         .is_transactional = batch.is_transactional});
    const std::string padding(random(60), '.');
    const std::array headers{record::record_header{"tag", as_bytes(batch.tag)},
                             record::record_header{"padding", as_bytes(padding)}};
    for (int i = 0; i < batch.count; ++i) {
      const std::string key = key_of(batch, i);
      builder.append({.timestamp = batch.timestamp + i,
                      .key = as_bytes(key),
                      .value = is_tombstone(batch) ? std::nullopt : std::optional(as_bytes("v")),
                      .headers = headers});
    }
    auto bytes = builder.build();
    take(batch, log_->append_as_leader(bytes, 0, record::origin::client, now_ms_));
  }

  // A transaction begins when the one before has ended for good: its marker was acknowledged.
  bool may_begin(std::int64_t id) const {
    return std::ranges::none_of(model_.batches, [&](const model_batch& batch) {
      return batch.producer_id == id && batch.is_marker &&
             batch.end_offset() > log_->recovery_point();
    });
  }

  void transact() {
    const std::int64_t id = 11 + static_cast<std::int64_t>(random(3));
    if (!may_begin(id)) {
      return;
    }
    const auto known = model_.producers.find(id);
    if (known == model_.producers.end() || !known->second.transaction_first_offset || chance(40)) {
      return append(id, true);
    }
    const model_batch marker{.base_offset = model_.end_offset,
                             .tag = "marker" + std::to_string(++tags_),
                             .timestamp = start_ms + tags_ * 10,
                             .producer_id = id,
                             .is_marker = true,
                             .is_abort = decide_abort(known->second, id)};
    auto bytes = record::build_transaction_marker(
        {.type = marker.is_abort ? record::control_type::abort : record::control_type::commit}, id,
        0, marker.timestamp);
    take(marker, log_->append_as_leader(bytes, 0, record::origin::coordinator, now_ms_));
  }

  // What was decided of the open transaction, or is decided now, for all its batches.
  bool decide_abort(const model_producer& producer, std::int64_t id) {
    bool is_abort = chance(50);
    const auto for_each_batch = [&](auto visit) {
      for (const model_batch& batch : model_.batches) {
        if (batch.producer_id == id && !batch.is_marker &&
            batch.base_offset >= *producer.transaction_first_offset) {
          visit(batch.base_offset);
        }
      }
    };
    for_each_batch([&](std::int64_t offset) {
      const auto known = aborts_.find(offset);
      is_abort = known != aborts_.end() ? known->second : is_abort;
    });
    for_each_batch([&](std::int64_t offset) { aborts_[offset] = is_abort; });
    return is_abort;
  }

  void take(const model_batch& batch, const result<append_info>& done) {
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(done->first_offset, batch.base_offset);
    model_.append(batch);
    log_->advance_high_watermark(log_->log_end_offset());
  }

  void flush() {
    if (const auto work = log_->take_flush_work()) {
      ASSERT_TRUE(work->write_epochs(files_));
      ASSERT_TRUE(work->sync(files_));
      log_->flushed(*work);
    }
    if (chance(50)) {
      recovery_point_ = log_->recovery_point();
    }
  }

  // Sometimes the disk fails in the middle; then the machine stops, for names are half changed.
  void compact() {
    now_ms_ += static_cast<std::int64_t>(random(700));
    const auto range = log_->find_cleanable(now_ms_, log_->log_end_offset());
    if (range.dirty_bytes == 0) {
      return;
    }
    for (const model_batch& batch : model_.batches) {
      if (!batch.is_marker && is_tombstone(batch) && batch.base_offset < range.end_offset) {
        horizons_.try_emplace(batch.base_offset, now_ms_ + retention_ms);
      }
    }
    // Nothing that stays is in the old part, but a crash may bring it back.
    compacted_to_ = std::max(compacted_to_, range.end_offset);
    high_watermark_ = model_.end_offset;
    const bool is_broken = chance(40);
    if (is_broken) {
      files_.inject({.operation = chance(70) ? disk_operation::change_name : disk_operation::write,
                     .prefix = folder_,
                     .error_number = EIO,
                     .probability = 0.15,
                     .times = -1});
    }
    const auto done =
        compact_log(files_, *log_, now_ms_,
                    {.map_bytes = 24 * static_cast<std::int64_t>(chance(20) ? 4 : 100),
                     .buffer_bytes = 100 + random(3000),
                     .seed = random(1000)},
                    [this] { recovery_point_ = log_->recovery_point(); });
    files_.clear_faults();
    ASSERT_TRUE(done || is_broken) << done.error().message;
    if (!done) {
      return crash();
    }
    EXPECT_GT(*done, range.dirty_offset);
    if (chance(70)) {
      cleaned_checkpoint_ = log_->cleaned_offset();
    }
    verify();
    expect_compacted(range.dirty_offset, *done);
  }

  void truncate() {
    // As in life never below the high watermark, by which compaction goes: what it left out because
    // of a later record would be gone with that.
    const std::int64_t lowest =
        std::min(std::max(high_watermark_, model_.start_offset), model_.end_offset);
    const auto length = static_cast<std::uint64_t>(model_.end_offset - lowest);
    const std::int64_t offset =
        model_.end_offset - static_cast<std::int64_t>(random(length / 2 + 1));
    ASSERT_TRUE(log_->truncate_to(offset));
    std::vector<model_batch> kept;
    for (const model_batch& batch : model_.batches) {
      if (batch.end_offset() <= log_->log_end_offset()) {
        kept.push_back(batch);
      }
    }
    ASSERT_LE(log_->log_end_offset(), offset);
    set_batches(std::move(kept));
    model_.end_offset = log_->log_end_offset();
    model_.start_offset = log_->log_start_offset();
    std::erase_if(aborts_, [&](const auto& one) { return one.first >= model_.end_offset; });
    recovery_point_ = log_->recovery_point();
    cleaned_checkpoint_ = std::min(cleaned_checkpoint_, log_->cleaned_offset());
    log_->advance_high_watermark(log_->log_end_offset());
    trust_producers();
  }

  void delete_old() {
    const auto deleted = log_->delete_old_segments(start_ms, model_.end_offset);
    ASSERT_TRUE(deleted) << deleted.error().message;
    model_.start_offset = log_->log_start_offset();
  }

  void crash() {
    log_.reset();
    const bool is_power_loss = chance(60);
    if (is_power_loss) {
      files_.lose_power();
    }
    open(false);
    ASSERT_NE(log_, nullptr);
    ASSERT_GE(log_->log_end_offset(), std::min(recovery_point_, model_.end_offset));
    if (is_power_loss) {
      take_over_what_is_left();
    }
    trust_producers();
    verify();
    recovery_point_ = log_->recovery_point();
  }

  void close() {
    const auto closed = log_->close();
    ASSERT_TRUE(closed) << closed.error().message;
    ASSERT_TRUE(files_.sync_file_system("/data"));
    cleaned_checkpoint_ = log_->cleaned_offset();
    open(true);
    recovery_point_ = log_->recovery_point();
    verify();
  }

  // After a power loss: below the recovery point all is as it was, above are batches of once.
  void take_over_what_is_left() {
    std::vector<model_batch> all;
    for (const model_batch& batch : model_.batches) {
      if (batch.end_offset() <= recovery_point_) {
        all.push_back(batch);
      }
    }
    read_all([&](const record::batch_view& batch, const std::vector<found_record>& records) {
      if (batch.base_offset() < recovery_point_) {
        return;
      }
      ASSERT_TRUE(batch.is_control() || !records.empty()) << "not compacted above it";
      const auto known = model_.history.find(tag_of(batch, records));
      ASSERT_NE(known, model_.history.end());
      all.push_back(known->second);
    });
    // The batch at that offset may be one of before a cut, with a marker of its own.
    for (auto at = aborts_.begin(); at != aborts_.end();) {
      const model_batch* marker = marker_of(all, at->first);
      if (marker == nullptr && at->first >= compacted_to_) {
        at = aborts_.erase(at);
        continue;
      }
      at->second = marker == nullptr ? at->second : marker->is_abort;
      ++at;
    }
    set_batches(std::move(all));
    model_.start_offset = log_->log_start_offset();
    model_.end_offset = log_->log_end_offset();
  }

  // What ends the transaction of the batch at that offset, if it is there.
  static const model_batch* marker_of(const std::vector<model_batch>& all, std::int64_t offset) {
    const auto batch = std::ranges::find(all, offset, &model_batch::base_offset);
    const auto marker = std::find_if(batch, all.end(), [&](const model_batch& later) {
      return later.is_marker && later.producer_id == batch->producer_id;
    });
    return marker == all.end() ? nullptr : &*marker;
  }

  // The marker of a transaction may be lost when a compaction has acted on it already: the
  // coordinator, whose decision is on disk before, writes it again.
  void set_batches(std::vector<model_batch> all) {
    model_.set_batches(std::move(all));
    for (const auto& [offset, is_abort] : aborts_) {
      if (is_abort && offset < compacted_to_) {
        model_.aborted[offset] = true;
      }
    }
  }

  static std::string tag_of(const record::batch_view& batch,
                            const std::vector<found_record>& records) {
    return batch.is_control() ? "marker" + std::to_string((batch.max_timestamp() - start_ms) / 10)
                              : records.front().tag;
  }

  // What a log forgets of producers is the other model test's matter.
  void trust_producers() {
    for (auto at = model_.producers.begin(); at != model_.producers.end();) {
      const producer_entry* known = log_->producers().find(at->first);
      if (known == nullptr) {
        EXPECT_TRUE(at->second.batches.empty() ||
                    at->second.batches.back().base_offset < model_.start_offset)
            << "producer " << at->first << " is forgotten";
        at = model_.producers.erase(at);
        continue;
      }
      if (!at->second.batches.empty() &&
          at->second.batches.back().base_offset >= model_.start_offset) {
        EXPECT_EQ(known->last_sequence() + 1, at->second.next_sequence) << "producer " << at->first;
      }
      at->second.next_sequence = known->last_sequence() + 1;
      at->second.transaction_first_offset = known->transaction_first_offset >= 0
                                                ? std::optional(known->transaction_first_offset)
                                                : std::nullopt;
      ++at;
    }
    for (const auto& [id, known] : log_->producers().producers()) {
      model_producer& producer = model_.producers[id];
      producer.next_sequence = known.last_sequence() + 1;
      if (known.transaction_first_offset >= 0) {
        producer.transaction_first_offset = known.transaction_first_offset;
      }
    }
  }

  template <class Visit>
  void read_all(Visit visit) {
    std::int64_t offset = log_->log_start_offset();
    while (offset < log_->log_end_offset()) {
      const auto read = log_->read(
          {.start_offset = offset, .max_bytes = 1 + static_cast<std::int64_t>(random(3000))});
      ASSERT_TRUE(read) << read.error().message;
      if (read->empty()) {
        return;  // compaction took the end of the last segments
      }
      const auto bytes = bytes_of(read->slice);
      record::batches all(bytes);
      for (const record::batch_view batch : all) {
        ASSERT_TRUE(batch.is_crc_valid());
        ASSERT_GT(batch.next_offset(), offset);
        visit(batch, records_in(batch));
        offset = batch.next_offset();
      }
    }
  }

  static std::vector<found_record> records_in(const record::batch_view& batch) {
    std::vector<found_record> records;
    record::record_reader reader(batch);
    for (auto next = reader.next(); next && *next && !batch.is_control(); next = reader.next()) {
      records.push_back({.offset = (*next)->offset,
                         .key = std::string(as_text(*(*next)->key)),
                         .tag = std::string(as_text(*(*next)->headers.begin()->value)),
                         .is_tombstone = !(*next)->value,
                         .timestamp = (*next)->timestamp});
    }
    return records;
  }

  std::map<std::int64_t, found_record> read_records() {
    std::map<std::int64_t, found_record> all;
    read_all([&](const record::batch_view&, const std::vector<found_record>& records) {
      for (const found_record& record : records) {
        all[record.offset] = record;
      }
    });
    return all;
  }

  void verify() {
    ASSERT_EQ(log_->log_end_offset(), model_.end_offset);
    ASSERT_EQ(log_->log_start_offset(), model_.start_offset);
    auto found = read_records();
    // The newest of each key below what was ever compacted, and the newest of all.
    std::map<std::string, std::int64_t> newest;
    for_each_record([&](const model_batch& batch, int i) {
      const std::int64_t offset = batch.base_offset + i;
      if (offset < compacted_to_ && !model_.aborted.contains(batch.base_offset)) {
        newest[key_of(batch, i)] = offset;
      }
    });
    for_each_record([&](const model_batch& batch, int i) {
      const std::int64_t offset = batch.base_offset + i;
      const auto is = found.find(offset);
      if (is != found.end()) {
        EXPECT_EQ(is->second.tag, batch.tag) << "offset " << offset;
        EXPECT_EQ(is->second.key, key_of(batch, i)) << "offset " << offset;
        EXPECT_EQ(is->second.timestamp, batch.timestamp + i) << "offset " << offset;
        EXPECT_EQ(is->second.is_tombstone, is_tombstone(batch)) << "offset " << offset;
        found.erase(is);
        return;
      }
      if (offset < model_.start_offset) {
        return;
      }
      const auto horizon = horizons_.find(batch.base_offset);
      const bool may_go = horizon != horizons_.end() && now_ms_ >= horizon->second;
      const bool must_be =
          offset >= compacted_to_ || (newest[key_of(batch, i)] == offset && !may_go &&
                                      !model_.aborted.contains(batch.base_offset));
      EXPECT_FALSE(must_be) << "offset " << offset << " is gone";
    });
    EXPECT_TRUE(found.empty() || found.begin()->first < model_.start_offset)
        << "offset " << found.begin()->first << " was not written";
    verify_committed();
  }

  template <class Visit>
  void for_each_record(Visit visit) {
    for (const model_batch& batch : model_.batches) {
      for (int i = 0; i < batch.count && !batch.is_marker; ++i) {
        visit(batch, i);
      }
    }
  }

  // After a whole round nothing is left that was replaced below its end.
  void expect_compacted(std::int64_t from, std::int64_t to) {
    std::map<std::string, std::int64_t> newest;
    for_each_record([&](const model_batch& batch, int i) {
      if (batch.base_offset + i >= from && batch.base_offset + i < to &&
          !model_.aborted.contains(batch.base_offset)) {
        newest[key_of(batch, i)] = batch.base_offset + i;
      }
    });
    for (const auto& [offset, record] : read_records()) {
      const auto of_key = newest.find(record.key);
      EXPECT_FALSE(of_key != newest.end() && offset < of_key->second)
          << "offset " << offset << " was replaced at " << of_key->second;
    }
  }

  // No batch of an aborted transaction is shown to a read_committed reader.
  void verify_committed() {
    const std::int64_t stable = log_->last_stable_offset(log_->log_end_offset());
    std::int64_t offset = model_.start_offset;
    while (offset < stable) {
      const auto read = log_->read({.start_offset = offset,
                                    .max_bytes = 2000,
                                    .max_offset = stable,
                                    .with_aborted_transactions = true});
      ASSERT_TRUE(read) << read.error().message;
      if (read->empty()) {
        break;
      }
      std::set<std::int64_t> aborting;
      auto aborted = read->aborted;
      const auto bytes = bytes_of(read->slice);
      record::batches all(bytes);
      for (const record::batch_view batch : all) {
        std::erase_if(aborted, [&](const aborted_transaction& one) {
          return one.first_offset <= batch.last_offset() && aborting.insert(one.producer_id).second;
        });
        if (batch.is_control()) {
          aborting.erase(batch.producer_id());
        } else if (batch.record_count() > 0 && batch.is_transactional() &&
                   !aborting.contains(batch.producer_id())) {
          EXPECT_FALSE(model_.aborted.contains(batch.base_offset()))
              << "offset " << batch.base_offset() << " was aborted";
        } else if (batch.record_count() > 0) {
          EXPECT_EQ(model_.aborted.contains(batch.base_offset()), batch.is_transactional())
              << "offset " << batch.base_offset();
        }
        offset = batch.next_offset();
      }
    }
  }

  runtime::simulated::simulation simulation_;
  runtime::simulated::disk& files_ = simulation_.add_machine("disk", 1).disk();
  std::string folder_ = "/data/t-0";
  log_config config_;
  std::unique_ptr<storage::log> log_;
  log_model model_;
  std::int64_t now_ms_ = start_ms;
  // What the checkpoints say.
  std::int64_t recovery_point_ = 0;
  std::int64_t cleaned_checkpoint_ = -1;
  // Below it a compaction may have been at work.
  std::int64_t compacted_to_ = 0;
  // At the last compaction.
  std::int64_t high_watermark_ = 0;
  // From when on tombstones may be gone, by the offset of their batch.
  std::map<std::int64_t, std::int64_t> horizons_;
  // Of batches of ended transactions.
  std::map<std::int64_t, bool> aborts_;
  int tags_ = 0;
};

TEST(compaction_model, random_operations_with_crashes) {
  for_each_seed("compaction_model", 100, [](std::uint64_t seed) {
    compacted_world world(seed);
    world.run(250);
  });
}

}  // namespace
}  // namespace barnabas::storage::log_tests
