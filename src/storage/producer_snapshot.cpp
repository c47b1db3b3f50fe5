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
  std::byte* to = bytes.data() + entries_at;
  for (const std::int64_t id : ids) {
    encode_entry(to, id, *state.find(id));
    to += entry_bytes;
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
  if (count < 0 || static_cast<std::size_t>(count) != (bytes.size() - entries_at) / entry_bytes) {
    return fail(
        error_code::corrupt_message,
        fmt::format("a producer snapshot of {} bytes with {} producers", bytes.size(), count));
  }
  for (std::int32_t i = 0; i < count; ++i) {
    const std::byte* from = bytes.data() + entries_at + static_cast<std::size_t>(i) * entry_bytes;
    const producer_entry entry = decode_entry(from);
    if (entry.transaction_first_offset != producer_entry::no_transaction ||
        now_ms - entry.last_timestamp < expiration_ms) {
      state.load(load_big_endian<std::int64_t>(from + at::producer_id), entry);
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
