#include "bench/load/record_batch.h"

#include <ctime>
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

// No key, no headers, timestamp of the batch.
void add_record(wire_writer& to, std::int32_t offset_delta, bytes_view value) {
  wire_writer inner;
  inner.int8(0).varint(0).varint(offset_delta).varint(-1);
  inner.varint(static_cast<std::int32_t>(value.size())).raw(value).varint(0);
  to.varint(static_cast<std::int32_t>(inner.size())).raw(inner.view());
}

}  // namespace

record_batch record_batch::make(std::size_t value_bytes, std::size_t most_bytes) {
  const std::vector<std::byte> value = some_bytes(value_bytes);
  wire_writer records;
  std::int32_t count = 0;
  while (true) {
    wire_writer next;
    add_record(next, count, value);
    if (count > 0 && header_bytes + records.size() + next.size() > most_bytes) {
      break;
    }
    records.raw(next.view());
    ++count;
  }
  const std::int64_t now_ms = std::time(nullptr) * 1000LL;
  wire_writer batch;
  batch.int64(0).int32(static_cast<std::int32_t>(49 + records.size())).int32(-1).int8(2).int32(0);
  batch.int16(0).int32(count - 1).int64(now_ms).int64(now_ms).int64(-1).int16(-1).int32(-1);
  batch.int32(count).raw(records.view());
  store_big_endian(batch.at(crc_at), crc32c(batch.view().subspan(crc_from)));
  return {{batch.view().begin(), batch.view().end()}, count};
}

}  // namespace barnabas::bench
