// What a log should hold, kept beside it by the test of random operations: its batches in order,
// and every batch that was ever written, for a power loss may bring back what was cut.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/batch_format.h"

namespace barnabas::storage::log_tests {

struct model_batch {
  std::int64_t base_offset = 0;
  int count = 1;
  // Unlike that of any other batch; the value of its first record.
  std::string tag;
  std::int64_t timestamp = 0;  // of the first record; the others follow one millisecond apart
  std::int64_t producer_id = record::no_producer_id;
  std::int32_t sequence = record::no_sequence;
  bool is_transactional = false;
  bool is_marker = false;
  bool is_abort = false;

  std::int64_t end_offset() const { return base_offset + count; }
};

struct model_producer {
  std::int32_t next_sequence = 0;
  // The newest last.
  std::vector<model_batch> batches;
  std::optional<std::int64_t> transaction_first_offset;
};

struct log_model {
  std::vector<model_batch> batches;
  std::map<std::string, model_batch> history;
  std::map<std::int64_t, model_producer> producers;
  // Batches of aborted transactions, by their offsets.
  std::map<std::int64_t, bool> aborted;
  std::int64_t start_offset = 0;
  std::int64_t end_offset = 0;

  void append(const model_batch& batch) {
    batches.push_back(batch);
    history[batch.tag] = batch;
    end_offset = batch.end_offset();
    if (batch.producer_id >= 0) {
      take(batch);
    }
  }

  void take(const model_batch& batch) {
    model_producer& producer = producers[batch.producer_id];
    if (batch.is_marker) {
      if (batch.is_abort && producer.transaction_first_offset) {
        for (const model_batch& one : batches) {
          if (one.producer_id == batch.producer_id && !one.is_marker &&
              one.base_offset >= *producer.transaction_first_offset) {
            aborted[one.base_offset] = true;
          }
        }
      }
      producer.transaction_first_offset.reset();
      return;
    }
    producer.next_sequence = batch.sequence + batch.count;
    producer.batches.push_back(batch);
    if (batch.is_transactional && !producer.transaction_first_offset) {
      producer.transaction_first_offset = batch.base_offset;
    }
  }

  // Producers and aborted batches as these batches make them.
  void set_batches(std::vector<model_batch> all) {
    batches.clear();
    producers.clear();
    aborted.clear();
    for (const model_batch& batch : all) {
      append(batch);
    }
  }

  // Whole batches below `offset` stay. Returns the new end.
  void truncate(std::int64_t offset) {
    std::vector<model_batch> kept = batches;
    std::int64_t end = std::min(offset, end_offset);
    while (!kept.empty() && kept.back().end_offset() > offset) {
      end = std::min(end, kept.back().base_offset);
      kept.pop_back();
    }
    set_batches(std::move(kept));
    end_offset = end;
    start_offset = std::min(start_offset, end);
  }

  std::int64_t first_unstable_offset() const {
    std::int64_t first = end_offset;
    for (const auto& [id, producer] : producers) {
      first = std::min(first, producer.transaction_first_offset.value_or(end_offset));
    }
    return first;
  }
};

}  // namespace barnabas::storage::log_tests
