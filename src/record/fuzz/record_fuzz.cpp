// Any bytes, taken as batches of a producer and of a segment. The first byte chooses the topic's
// rules. What holds: nothing crashes or grows beyond the limits; what the validator let pass after
// reading it can be read to its end; what it wrote anew it lets pass itself. CRCs are made right,
// else nothing would get behind them.
#include <cstdint>
#include <vector>

#include "base/ensure.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "record/record_reader.h"
#include "record/validator.h"

namespace {

using namespace barnabas;
using namespace barnabas::record;

constexpr std::int64_t now_ms = 1'700'000'000'000;
constexpr read_limits small_limits{.max_record_bytes = 1 << 20, .max_batch_bytes = 4 << 20};

void repair_crcs(std::vector<std::byte>& bytes) {
  batches all(bytes);
  std::size_t begin = 0;
  while (const auto batch = all.next()) {
    store_big_endian(bytes.data() + begin + at::crc, batch->computed_crc());
    begin = all.position();
  }
}

// Whether the batch can be read to its end.
bool read_all(batch_view batch, record_reader::offsets rule) {
  record_reader reader(batch, rule, small_limits);
  while (true) {
    const auto record = reader.next();
    if (!record) {
      return false;
    }
    if (!*record) {
      return true;
    }
    std::size_t header_bytes = 0;
    for (const record_header& header : (*record)->headers) {
      header_bytes += header.key.size() + (header.value ? header.value->size() : 0);
    }
    ensure(header_bytes <= (*record)->headers.bytes().size(), "headers are within their record");
    (void)parse_transaction_marker(**record);
  }
}

validation_limits limits_of(unsigned choice) {
  validation_limits limits{.reading = small_limits};
  limits.timestamp_type =
      (choice & 1) != 0 ? timestamp_type::log_append_time : timestamp_type::create_time;
  limits.is_compacted = (choice & 2) != 0;
  limits.always_read_records = (choice & 4) != 0;
  limits.before_max_ms = (choice & 8) != 0 ? 1000 : no_time_limit;
  limits.after_max_ms = (choice & 16) != 0 ? 1000 : no_time_limit;
  if (const unsigned type = choice >> 5; type <= last_compression_type) {
    limits.compression = compression_choice{.type = static_cast<compression_type>(type)};
  }
  return limits;
}

void validate_as_producer(std::vector<std::byte> bytes, const validation_limits& limits) {
  auto accepted = validate(bytes, limits, now_ms);
  if (!accepted) {
    ensure(accepted.error().why.code != error_code::none, "a rejection has an error");
    return;
  }
  auto& stored = accepted->replacement ? *accepted->replacement : bytes;
  ensure(assign_offsets(stored, 5, 6) == 5 + accepted->offset_count, "offsets as announced");
  const auto batch = batch_view::parse(stored);
  ensure(batch && batch->is_crc_valid(), "what is stored is whole");
  if (limits.always_read_records || accepted->replacement) {
    ensure(read_all(*batch, record_reader::offsets::consecutive), "what was read can be read");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes(begin + 1, begin + size);
  batches as_sent(bytes);
  while (const auto batch = as_sent.next()) {
    (void)batch->is_crc_valid();
  }
  repair_crcs(bytes);
  batches all(bytes);
  while (const auto batch = all.next()) {
    (void)read_all(*batch, record_reader::offsets::growing);
    validate_as_producer({batch->bytes().begin(), batch->bytes().end()}, limits_of(data[0]));
  }
  for (std::uint8_t type = 1; type <= last_compression_type; ++type) {
    const auto unpacked =
        decompress(static_cast<compression_type>(type), bytes_view(bytes), 1 << 20);
    ensure(!unpacked || unpacked->size() <= 1 << 20, "decompression within its limit");
  }
  std::vector<std::byte> from_leader = bytes;
  (void)validate(from_leader, {.origin = origin::replication}, now_ms);
  return 0;
}
