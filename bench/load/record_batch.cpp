#include "bench/load/record_batch.h"

#include <ctime>
#include <optional>
#include <random>

#include "base/crc32c.h"
#include "bench/wire.h"

namespace barnabas::bench {
namespace {

std::vector<std::byte> some_bytes(std::size_t size) {
  std::minstd_rand random(1);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>('a' + random() % 26);
  }
  return bytes;
}

// No headers, timestamp of the batch.
void add_record(wire_writer& to, std::int32_t offset_delta, std::optional<std::int64_t> key,
                bytes_view value) {
  wire_writer inner;
  inner.int8(0).varint(0).varint(offset_delta);
  if (key) {
    inner.varint(sizeof(*key)).int64(*key);
  } else {
    inner.varint(-1);
  }
  inner.varint(static_cast<std::int32_t>(value.size())).raw(value).varint(0);
  to.varint(static_cast<std::int32_t>(inner.size())).raw(inner.view());
}

record_batch batch_of(bytes_view records, std::int32_t count) {
  const std::int64_t now_ms = std::time(nullptr) * 1000LL;
  wire_writer batch;
  batch.int64(0).int32(static_cast<std::int32_t>(49 + records.size())).int32(-1).int8(2).int32(0);
  batch.int16(0).int32(count - 1).int64(now_ms).int64(now_ms).int64(-1).int16(-1).int32(-1);
  batch.int32(count).raw(records);
  store_big_endian(batch.at(record_batch::crc_at),
                   crc32c(batch.view().subspan(record_batch::crc_from)));
  return {{batch.view().begin(), batch.view().end()}, count};
}

}  // namespace

record_batch record_batch::make(std::size_t value_bytes, std::size_t most_bytes) {
  const std::vector<std::byte> value = some_bytes(value_bytes);
  wire_writer records;
  std::int32_t count = 0;
  while (true) {
    wire_writer next;
    add_record(next, count, std::nullopt, value);
    if (count > 0 && header_bytes + records.size() + next.size() > most_bytes) {
      break;
    }
    records.raw(next.view());
    ++count;
  }
  return batch_of(records.view(), count);
}

record_batch record_batch::make_keyed(std::int64_t first, std::int32_t count, std::int64_t keys,
                                      std::size_t value_bytes) {
  const std::vector<std::byte> value = some_bytes(value_bytes);
  wire_writer records;
  for (std::int32_t i = 0; i < count; ++i) {
    add_record(records, i, (first + i) % keys, value);
  }
  return batch_of(records.view(), count);
}

}  // namespace barnabas::bench
