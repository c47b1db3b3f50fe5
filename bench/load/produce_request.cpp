#include "bench/load/produce_request.h"

#include "base/crc32c.h"
#include "bench/wire.h"

namespace barnabas::bench {

produce_request make_produce_request(const std::string& topic, std::int32_t first_partition,
                                     std::int32_t partitions, std::int16_t acks,
                                     const record_batch& batch, bool is_idempotent) {
  produce_request request;
  request.first_partition = first_partition;
  request.partitions = partitions;
  wire_writer writer;
  writer.int32(0).int16(0).int16(9).int32(0).string("bench").unsigned_varint(0);
  writer.unsigned_varint(0).int16(acks).int32(30'000).unsigned_varint(2).compact_string(topic);
  writer.unsigned_varint(static_cast<std::uint32_t>(partitions) + 1);
  for (std::int32_t i = 0; i < partitions; ++i) {
    writer.int32(first_partition + i);
    writer.unsigned_varint(static_cast<std::uint32_t>(batch.bytes.size()) + 1);
    if (i == 0) {
      request.batch_at = writer.size();
    }
    writer.raw(batch.bytes).unsigned_varint(0);
  }
  writer.unsigned_varint(0).unsigned_varint(0);
  writer.seal_frame();
  request.bytes.assign(writer.view().begin(), writer.view().end());
  request.head_bytes = is_idempotent ? request.batch_at + record_batch::header_bytes : 12;
  return request;
}

void stamp_producer(mutable_bytes head, const produce_request& request, std::int64_t producer_id) {
  std::byte* batch = head.data() + request.batch_at;
  store_big_endian(batch + record_batch::producer_id_at, producer_id);
  store_big_endian(batch + record_batch::producer_epoch_at, std::int16_t{0});
  store_big_endian(batch + record_batch::base_sequence_at, request.sequence);
  const auto length = static_cast<std::size_t>(load_big_endian<std::int32_t>(batch + 8));
  std::uint32_t crc =
      crc32c({batch + record_batch::crc_from, record_batch::header_bytes - record_batch::crc_from});
  crc = crc32c(request.tail().first(length + 12 - record_batch::header_bytes), crc);
  store_big_endian(batch + record_batch::crc_at, crc);
}

std::int16_t error_in_produce_answer(bytes_view answer) {
  wire_reader reader(answer);
  reader.int32();
  reader.skip_tags();
  std::int16_t error = 0;
  for (std::uint32_t topics = reader.compact_length(); topics > 0 && !reader.bad(); --topics) {
    reader.compact_bytes();
    for (std::uint32_t left = reader.compact_length(); left > 0 && !reader.bad(); --left) {
      reader.int32();
      const std::int16_t here = reader.int16();
      error = error == 0 ? here : error;
      reader.take(24);  // base offset, append time, log start
      for (std::uint32_t records = reader.compact_length(); records > 0; --records) {
        reader.int32();
        reader.compact_bytes();
        reader.skip_tags();
      }
      reader.compact_bytes();  // message
      reader.skip_tags();
    }
    reader.skip_tags();
  }
  return reader.bad() ? std::int16_t{-1000} : error;
}

}  // namespace barnabas::bench
