#include "storage/producer_snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crc32c.h"
#include "base/endian.h"

namespace barnabas::storage {

namespace {

constexpr std::int16_t version = 1;
constexpr std::size_t crc_at = 2;
constexpr std::size_t count_at = 6;
constexpr std::size_t entries_at = 10;
constexpr std::size_t entry_bytes = 46;
constexpr std::int32_t earlier_mark = 0x4241524e;  // "BARN"
constexpr std::size_t earlier_head_bytes = 8;
constexpr std::size_t batch_bytes = 28;

// The fields of an entry.
namespace at {
constexpr std::size_t producer_id = 0;
constexpr std::size_t epoch = 8;
constexpr std::size_t last_sequence = 10;
constexpr std::size_t last_offset = 14;
constexpr std::size_t offset_delta = 22;
constexpr std::size_t timestamp = 26;
constexpr std::size_t coordinator_epoch = 34;
constexpr std::size_t transaction_first_offset = 38;
}  // namespace at
// The fields of an earlier batch.
namespace earlier_at {
constexpr std::size_t entry_index = 0;
constexpr std::size_t last_sequence = 4;
constexpr std::size_t last_offset = 8;
constexpr std::size_t offset_delta = 16;
constexpr std::size_t timestamp = 20;
}  // namespace earlier_at

void encode_entry(std::byte* to, std::int64_t producer_id, const producer_entry& entry) {
  const bool has_batch = entry.batch_count > 0;
  const producer_batch last = has_batch ? entry.batches[entry.batch_count - 1U] : producer_batch{};
  store_big_endian(to + at::producer_id, producer_id);
  store_big_endian(to + at::epoch, entry.epoch);
  store_big_endian(to + at::last_sequence, entry.last_sequence());
  store_big_endian(to + at::last_offset, entry.last_offset());
  store_big_endian(to + at::offset_delta, last.offset_delta);
  store_big_endian(to + at::timestamp, entry.last_timestamp);
  store_big_endian(to + at::coordinator_epoch, entry.coordinator_epoch);
  store_big_endian(to + at::transaction_first_offset, entry.transaction_first_offset);
}

producer_entry decode_entry(const std::byte* from) {
  producer_entry entry;
  entry.epoch = load_big_endian<std::int16_t>(from + at::epoch);
  entry.last_timestamp = load_big_endian<std::int64_t>(from + at::timestamp);
  entry.coordinator_epoch = load_big_endian<std::int32_t>(from + at::coordinator_epoch);
  entry.transaction_first_offset =
      load_big_endian<std::int64_t>(from + at::transaction_first_offset);
  const auto last_offset = load_big_endian<std::int64_t>(from + at::last_offset);
  if (last_offset >= 0) {
    entry.add({.last_offset = last_offset,
               .timestamp = entry.last_timestamp,
               .last_sequence = load_big_endian<std::int32_t>(from + at::last_sequence),
               .offset_delta = load_big_endian<std::int32_t>(from + at::offset_delta)});
  }
  return entry;
}

void append_earlier(std::vector<std::byte>& to, std::int32_t entry_index,
                    const producer_batch& batch) {
  to.resize(to.size() + batch_bytes);
  std::byte* at = to.data() + to.size() - batch_bytes;
  store_big_endian(at + earlier_at::entry_index, entry_index);
  store_big_endian(at + earlier_at::last_sequence, batch.last_sequence);
  store_big_endian(at + earlier_at::last_offset, batch.last_offset);
  store_big_endian(at + earlier_at::offset_delta, batch.offset_delta);
  store_big_endian(at + earlier_at::timestamp, batch.timestamp);
}

// Puts the batch before the newest one of its producer.
void insert_earlier(producer_entry& into, const std::byte* from) {
  const producer_batch newest = into.batches[--into.batch_count];
  into.add({.last_offset = load_big_endian<std::int64_t>(from + earlier_at::last_offset),
            .timestamp = load_big_endian<std::int64_t>(from + earlier_at::timestamp),
            .last_sequence = load_big_endian<std::int32_t>(from + earlier_at::last_sequence),
            .offset_delta = load_big_endian<std::int32_t>(from + earlier_at::offset_delta)});
  into.add(newest);
}

// What follows the entries; nothing is right, too.
result<> decode_earlier(bytes_view bytes, std::vector<producer_entry>& entries) {
  if (bytes.empty()) {
    return {};
  }
  const bool has_head = bytes.size() >= earlier_head_bytes &&
                        load_big_endian<std::int32_t>(bytes.data()) == earlier_mark;
  const auto count = has_head ? load_big_endian<std::int32_t>(bytes.data() + 4) : 0;
  if (count <= 0 ||
      bytes.size() - earlier_head_bytes != static_cast<std::size_t>(count) * batch_bytes) {
    return fail(
        error_code::corrupt_message,
        fmt::format("a producer snapshot with {} bytes behind its producers", bytes.size()));
  }
  for (std::size_t at = earlier_head_bytes; at < bytes.size(); at += batch_bytes) {
    const auto index = load_big_endian<std::int32_t>(bytes.data() + at + earlier_at::entry_index);
    if (index < 0 || static_cast<std::size_t>(index) >= entries.size()) {
      return fail(error_code::corrupt_message,
                  fmt::format("a producer snapshot with a batch of producer {} of {}", index,
                              entries.size()));
    }
    producer_entry& entry = entries[static_cast<std::size_t>(index)];
    if (entry.batch_count > 0 && entry.batch_count < producer_entry::batches_kept) {
      insert_earlier(entry, bytes.data() + at);
    }
  }
  return {};
}

}  // namespace

std::vector<std::byte> encode_snapshot(const producer_state& state) {
  std::vector<std::int64_t> ids;
  ids.reserve(state.producers().size());
  for (const auto& [producer_id, entry] : state.producers()) {
    ids.push_back(producer_id);
  }
  std::ranges::sort(ids);
  std::vector<std::byte> bytes(entries_at + ids.size() * entry_bytes);
  store_big_endian(bytes.data(), version);
  store_big_endian(bytes.data() + count_at, static_cast<std::int32_t>(ids.size()));
  std::vector<std::byte> earlier(earlier_head_bytes);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const producer_entry& entry = *state.find(ids[i]);
    encode_entry(bytes.data() + entries_at + i * entry_bytes, ids[i], entry);
    for (std::size_t k = 0; k + 1 < entry.batch_count; ++k) {
      append_earlier(earlier, static_cast<std::int32_t>(i), entry.batches[k]);
    }
  }
  if (const std::size_t count = earlier.size() / batch_bytes; earlier.size() > earlier_head_bytes) {
    store_big_endian(earlier.data(), earlier_mark);
    store_big_endian(earlier.data() + 4, static_cast<std::int32_t>(count));
    bytes.insert(bytes.end(), earlier.begin(), earlier.end());
  }
  store_big_endian(bytes.data() + crc_at, crc32c(bytes_view(bytes).subspan(count_at)));
  return bytes;
}

result<> decode_snapshot(bytes_view bytes, std::int64_t now_ms, std::int64_t expiration_ms,
                         producer_state& state) {
  if (bytes.size() < entries_at) {
    return fail(error_code::corrupt_message,
                fmt::format("a producer snapshot of {} bytes", bytes.size()));
  }
  if (const auto found = load_big_endian<std::int16_t>(bytes.data()); found != version) {
    return fail(error_code::corrupt_message,
                fmt::format("a producer snapshot of version {}", found));
  }
  if (load_big_endian<std::uint32_t>(bytes.data() + crc_at) != crc32c(bytes.subspan(count_at))) {
    return fail(error_code::corrupt_message, "a producer snapshot with a wrong CRC");
  }
  const auto count = load_big_endian<std::int32_t>(bytes.data() + count_at);
  if (count < 0 || static_cast<std::size_t>(count) > (bytes.size() - entries_at) / entry_bytes) {
    return fail(
        error_code::corrupt_message,
        fmt::format("a producer snapshot of {} bytes with {} producers", bytes.size(), count));
  }
  std::vector<producer_entry> entries;
  for (std::int32_t i = 0; i < count; ++i) {
    entries.push_back(
        decode_entry(bytes.data() + entries_at + static_cast<std::size_t>(i) * entry_bytes));
  }
  if (auto done = decode_earlier(bytes.subspan(entries_at + entries.size() * entry_bytes), entries);
      !done) {
    return done;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].transaction_first_offset != producer_entry::no_transaction ||
        now_ms - entries[i].last_timestamp < expiration_ms) {
      state.load(load_big_endian<std::int64_t>(bytes.data() + entries_at + i * entry_bytes),
                 entries[i]);
    }
  }
  return {};
}

result<> write_snapshot_file(runtime::file_system& files, const std::string& path,
                             const producer_state& state) {
  const auto bytes = encode_snapshot(state);
  const auto opened = files.open(path, runtime::open_mode::create);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  if (auto cut = (*opened)->truncate(0); !cut) {
    return cut;
  }
  return (*opened)->write_at(bytes, 0);
}

}  // namespace barnabas::storage
