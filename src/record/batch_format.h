// The bytes of a record batch of magic 2 (KIP-98), on the wire and in segment files alike. Integers
// are big-endian; a batch is 61 bytes of header and the records, which may be compressed as one
// stream.
//
//   batch    = base_offset:int64 length:int32 leader_epoch:int32 magic:int8=2 crc:uint32 body
//   body     = attributes:int16 last_offset_delta:int32 base_timestamp:int64 max_timestamp:int64
//              producer_id:int64 producer_epoch:int16 base_sequence:int32 record_count:int32
//              records
//   records  = record*, or a compressed stream of them
//   record   = length:varint attributes:int8 timestamp_delta:varlong offset_delta:varint
//              key_length:varint key value_length:varint value header_count:varint header*
//   header   = key_length:varint key value_length:varint value        (a length of -1: null)
//
// `length` counts what follows it. `crc` is the CRC-32C of `body`, so base offset and leader epoch
// can be set without computing it again. Entries of magic 0 and 1 begin with the same offset and
// length, and have their magic at the same place: offset:int64 length:int32 crc:uint32 magic:int8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace barnabas::record {

// Where the fields of a batch begin.
namespace at {
inline constexpr std::size_t base_offset = 0;
inline constexpr std::size_t length = 8;
inline constexpr std::size_t leader_epoch = 12;
inline constexpr std::size_t magic = 16;
inline constexpr std::size_t crc = 17;
inline constexpr std::size_t attributes = 21;
inline constexpr std::size_t last_offset_delta = 23;
inline constexpr std::size_t base_timestamp = 27;
inline constexpr std::size_t max_timestamp = 35;
inline constexpr std::size_t producer_id = 43;
inline constexpr std::size_t producer_epoch = 51;
inline constexpr std::size_t base_sequence = 53;
inline constexpr std::size_t record_count = 57;
inline constexpr std::size_t records = 61;
}  // namespace at

inline constexpr std::size_t batch_header_bytes = at::records;
// Offset and length, which `length` does not count.
inline constexpr std::size_t length_prefix_bytes = at::leader_epoch;
// From here to the end the CRC counts.
inline constexpr std::size_t crc_begin = at::attributes;
inline constexpr std::int8_t current_magic = 2;

namespace attribute {
inline constexpr std::int16_t compression_mask = 0x07;
inline constexpr std::int16_t log_append_time = 0x08;
inline constexpr std::int16_t transactional = 0x10;
inline constexpr std::int16_t control = 0x20;
// base_timestamp holds the time from which tombstones may be removed (KIP-534).
inline constexpr std::int16_t delete_horizon = 0x40;
}  // namespace attribute

inline constexpr std::int64_t no_timestamp = -1;
inline constexpr std::int64_t no_producer_id = -1;
inline constexpr std::int16_t no_producer_epoch = -1;
inline constexpr std::int32_t no_sequence = -1;
inline constexpr std::int32_t no_leader_epoch = -1;

// Who sets the timestamps of a batch: the producer, or the leader when it appends.
enum class timestamp_type : std::uint8_t { create_time = 0, log_append_time = 1 };

// The values are those of the attribute bits; 5 to 7 do not exist.
enum class compression_type : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };
inline constexpr std::uint8_t last_compression_type = 4;

// "none", "gzip", ...: the names of Kafka's settings.
std::string_view to_text(compression_type type);

// The sequence number `records` after `sequence`: 2^31-1 is followed by 0.
constexpr std::int32_t add_to_sequence(std::int32_t sequence, std::int32_t records) {
  return static_cast<std::int32_t>(
      (static_cast<std::uint32_t>(sequence) + static_cast<std::uint32_t>(records)) & 0x7fffffffU);
}

}  // namespace barnabas::record
