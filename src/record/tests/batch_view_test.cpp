#include "record/batch_view.h"

#include <gtest/gtest.h>

#include "record/tests/fixtures.h"

namespace barnabas::record::tests {
namespace {

using kind = parse_failure::kind;

std::vector<std::byte> producer_batch() {
  return sample_batch({.base_offset = 1000,
                       .partition_leader_epoch = 7,
                       .compression = {.type = compression_type::lz4},
                       .producer_id = 4711,
                       .producer_epoch = 3,
                       .base_sequence = 2147483645,
                       .is_transactional = true});
}

TEST(batch_view, gives_every_field_of_the_header) {
  const auto bytes = producer_batch();
  const auto batch = batch_view::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->base_offset(), 1000);
  EXPECT_EQ(batch->size_bytes(), bytes.size());
  EXPECT_EQ(batch->partition_leader_epoch(), 7);
  EXPECT_EQ(batch->magic(), 2);
  EXPECT_TRUE(batch->is_crc_valid());
  EXPECT_EQ(batch->compression(), compression_type::lz4);
  EXPECT_EQ(batch->timestamp_type(), timestamp_type::create_time);
  EXPECT_TRUE(batch->is_transactional());
  EXPECT_FALSE(batch->is_control());
  EXPECT_EQ(batch->delete_horizon_ms(), std::nullopt);
  EXPECT_EQ(batch->last_offset(), 1004);
  EXPECT_EQ(batch->next_offset(), 1005);
  EXPECT_EQ(batch->base_timestamp(), test_now_ms);
  EXPECT_EQ(batch->max_timestamp(), test_now_ms + 40);
  EXPECT_EQ(batch->producer_id(), 4711);
  EXPECT_EQ(batch->producer_epoch(), 3);
  EXPECT_EQ(batch->base_sequence(), 2147483645);
  EXPECT_EQ(batch->last_sequence(), 1) << "2^31-1 is followed by 0";
  EXPECT_EQ(batch->record_count(), 5);
  EXPECT_EQ(batch->payload().size(), bytes.size() - 61);
}

TEST(batch_view, header_needs_only_its_own_bytes) {
  const auto bytes = producer_batch();
  const auto header = batch_header::parse(bytes_view(bytes).first(61));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->size_bytes(), bytes.size());
  EXPECT_EQ(header->last_offset(), 1004);
}

TEST(batch_view, every_truncation_is_incomplete_and_says_what_it_needs) {
  const auto bytes = producer_batch();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto batch = batch_view::parse(bytes_view(bytes).first(size));
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().what, kind::incomplete);
    EXPECT_EQ(batch.error().bytes_needed, size < 17 ? 17 : size < 61 ? 61 : bytes.size());
  }
}

TEST(batch_view, every_changed_byte_is_refused_or_fails_the_crc) {
  auto bytes = producer_batch();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i < at::length || (i >= at::leader_epoch && i < at::magic)) {
      continue;  // Base offset and leader epoch are outside of the CRC.
    }
    for (const unsigned bit : {0x01U, 0x10U, 0x80U, 0xffU}) {
      const std::byte before = bytes[i];
      bytes[i] ^= std::byte(bit);
      const auto batch = batch_view::parse(bytes);
      EXPECT_FALSE(batch && batch->is_crc_valid()) << "byte " << i;
      bytes[i] = before;
    }
  }
}

TEST(batch_view, corrupt_headers_are_named) {
  const auto error_after = [](std::size_t offset, auto value) {
    auto bytes = producer_batch();
    store_big_endian(bytes.data() + offset, value);
    const auto batch = batch_view::parse(bytes);
    EXPECT_FALSE(batch);
    EXPECT_EQ(batch.error().what, kind::corrupt);
    return batch.error().why;
  };
  EXPECT_EQ(error_after(at::length, std::int32_t{48}).message,
            "length 48 is less than 49, the smallest of magic 2");
  EXPECT_EQ(error_after(at::length, std::int32_t{-1}).code, error_code::corrupt_message);
  EXPECT_EQ(error_after(at::magic, std::int8_t{3}).message, "magic 3 is not 0, 1 or 2");
  EXPECT_EQ(error_after(at::magic, std::int8_t{3}).code, error_code::corrupt_message);
  EXPECT_EQ(error_after(at::base_offset, std::int64_t{-1}).code, error_code::invalid_record);
  EXPECT_EQ(error_after(at::base_offset, std::int64_t{0x7fffffffffffffff}).code,
            error_code::invalid_record);
  EXPECT_EQ(error_after(at::last_offset_delta, std::int32_t{-1}).code, error_code::invalid_record);
  EXPECT_EQ(error_after(at::record_count, std::int32_t{-1}).message, "record count -1 is negative");
  EXPECT_EQ(error_after(at::attributes, std::int16_t{5}).code,
            error_code::unsupported_compression_type);
}

TEST(batch_view, huge_announced_length_is_only_incomplete) {
  auto bytes = producer_batch();
  store_big_endian(bytes.data() + at::length, std::int32_t{0x7fffffff});
  EXPECT_EQ(batch_view::parse(bytes).error().bytes_needed, 0x7fffffffULL + 12);
}

TEST(batch_view, old_magics_are_recognised_and_can_be_stepped_over) {
  std::vector<std::byte> message(12 + 22);
  store_big_endian(message.data(), std::int64_t{42});
  store_big_endian(message.data() + at::length, std::int32_t{22});
  store_big_endian(message.data() + at::magic, std::int8_t{1});
  const auto entry = frame::parse(message);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->offset, 42);
  EXPECT_EQ(entry->size_bytes, 34U);
  EXPECT_EQ(entry->magic, 1);
  EXPECT_EQ(batch_view::parse(message).error().what, kind::old_format);
  store_big_endian(message.data() + at::length, std::int32_t{21});
  EXPECT_EQ(frame::parse(message).error().what, kind::corrupt);
}

TEST(mutable_batch, offset_and_epoch_leave_the_crc_alone) {
  auto bytes = producer_batch();
  auto batch = mutable_batch::parse(bytes);
  ASSERT_TRUE(batch);
  batch->set_base_offset(77);
  batch->set_partition_leader_epoch(9);
  EXPECT_EQ(batch->base_offset(), 77);
  EXPECT_EQ(batch->partition_leader_epoch(), 9);
  EXPECT_TRUE(batch->is_crc_valid());
}

TEST(mutable_batch, max_timestamp_and_its_type_renew_the_crc) {
  auto bytes = producer_batch();
  auto batch = mutable_batch::parse(bytes);
  EXPECT_FALSE(batch->set_max_timestamp(timestamp_type::create_time, test_now_ms + 40));
  EXPECT_TRUE(batch->set_max_timestamp(timestamp_type::log_append_time, 5));
  EXPECT_EQ(batch->timestamp_type(), timestamp_type::log_append_time);
  EXPECT_EQ(batch->max_timestamp(), 5);
  EXPECT_EQ(batch->compression(), compression_type::lz4);
  EXPECT_TRUE(batch->is_transactional());
  EXPECT_TRUE(batch->is_crc_valid());
}

TEST(batches, are_walked_up_to_the_first_that_is_not_whole) {
  std::vector<std::byte> buffer;
  std::size_t whole = 0;
  for (const int count : {1, 3, 2}) {
    const auto one = sample_batch({}, count);
    whole = buffer.size();
    buffer.insert(buffer.end(), one.begin(), one.end());
  }
  batches all(buffer);
  std::vector<std::int32_t> counts;
  for (const batch_view batch : all) {
    counts.push_back(batch.record_count());
  }
  EXPECT_EQ(counts, (std::vector<std::int32_t>{1, 3, 2}));
  EXPECT_FALSE(all.failure());
  EXPECT_EQ(all.position(), buffer.size());

  buffer.pop_back();
  batches torn(buffer);
  while (torn.next()) {
  }
  EXPECT_EQ(torn.position(), whole);
  ASSERT_TRUE(torn.failure());
  EXPECT_EQ(torn.failure()->what, kind::incomplete);
}

TEST(batches, get_offsets_one_after_the_other) {
  std::vector<std::byte> buffer;
  for (const int count : {1, 3, 2}) {
    const auto one = sample_batch({}, count);
    buffer.insert(buffer.end(), one.begin(), one.end());
  }
  EXPECT_EQ(assign_offsets(buffer, 100, 12), 106);
  std::vector<std::int64_t> offsets;
  batches all(buffer);
  for (const batch_view batch : all) {
    offsets.push_back(batch.base_offset());
    EXPECT_EQ(batch.partition_leader_epoch(), 12);
    EXPECT_TRUE(batch.is_crc_valid());
  }
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{100, 101, 104}));
}

}  // namespace
}  // namespace barnabas::record::tests
