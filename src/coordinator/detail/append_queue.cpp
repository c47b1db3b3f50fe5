#include "coordinator/detail/append_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "record/batch_format.h"

namespace barnabas::coordinator {
namespace {

// What a record takes beside its key and value, at most: length, attributes, two deltas, two
// lengths, no headers.
constexpr std::size_t record_overhead_bytes = 32;

std::size_t largest_size(const std::vector<new_record>& records) {
  std::size_t bytes = 0;
  for (const new_record& each : records) {
    bytes += record_overhead_bytes + each.key.size() + (each.value ? each.value->size() : 0);
  }
  return bytes;
}

result<> check_size(std::size_t bytes, const log_limits& limits) {
  if (bytes > limits.max_batch_bytes) {
    return fail(
        error_code::message_too_large,
        fmt::format("records of {} bytes, max.message.bytes is {}", bytes, limits.max_batch_bytes));
  }
  if (bytes > limits.max_append_bytes) {
    return fail(
        error_code::record_list_too_large,
        fmt::format("records of {} bytes, segment.bytes is {}", bytes, limits.max_append_bytes));
  }
  return {};
}

}  // namespace

append_queue::batch append_queue::make(const log_limits& limits) {
  record::batch_settings settings;
  settings.compression = limits.compression;
  batch made;
  made.open = std::make_unique<record::batch_builder>(settings);
  made.size_bytes = record::batch_header_bytes;
  return made;
}

void append_queue::fill(batch& into, const std::vector<new_record>& records,
                        std::int64_t timestamp_ms) {
  for (const new_record& each : records) {
    record::new_record record;
    record.timestamp = timestamp_ms;
    record.key = as_bytes(each.key);
    if (each.value) {
      record.value = as_bytes(*each.value);
    }
    into.open->append(record);
  }
  into.record_count += static_cast<std::int64_t>(records.size());
}

void append_queue::finish(batch& open) {
  if (open.open) {
    open.bytes = open.open->build();
    open.size_bytes = open.bytes.size();
    open.open.reset();
  }
}

result<> append_queue::add(const std::vector<new_record>& records, std::int64_t timestamp_ms,
                           const log_limits& limits) {
  const std::size_t largest = largest_size(records);
  const std::size_t limit = std::min(limits.max_batch_bytes, limits.max_append_bytes);
  const bool is_joining =
      !batches_.empty() && batches_.back().open && batches_.back().size_bytes + largest <= limit;
  if (is_joining) {
    batches_.back().size_bytes += largest;
    fill(batches_.back(), records, timestamp_ms);
    return {};
  }
  batch own = make(limits);
  own.size_bytes += largest;
  fill(own, records, timestamp_ms);
  if (own.size_bytes > limit) {  // only its real size tells
    finish(own);
    if (auto fits = check_size(own.size_bytes, limits); !fits) {
      return fits;
    }
  }
  batches_.push_back(std::move(own));
  return {};
}

append_queue::taken append_queue::take(const log_limits& limits) {
  taken out;
  while (!batches_.empty()) {
    batch& next = batches_.front();
    finish(next);
    if (!out.bytes.empty() && out.bytes.size() + next.size_bytes > limits.max_append_bytes) {
      break;
    }
    if (out.bytes.empty()) {
      out.bytes = std::move(next.bytes);
    } else {
      out.bytes.insert(out.bytes.end(), next.bytes.begin(), next.bytes.end());
    }
    out.record_count += next.record_count;
    batches_.pop_front();
  }
  return out;
}

}  // namespace barnabas::coordinator
