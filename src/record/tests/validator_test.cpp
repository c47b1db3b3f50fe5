#include "record/validator.h"

#include <gtest/gtest.h>

#include "record/record_reader.h"
#include "record/tests/fixtures.h"

namespace barnabas::record::tests {
namespace {

std::vector<std::byte> joined(std::initializer_list<std::vector<std::byte>> parts) {
  std::vector<std::byte> all;
  for (const auto& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

error_code code_of(std::vector<std::byte> bytes, const validation_limits& limits = {}) {
  const auto accepted = validate(bytes, limits, test_now_ms);
  return accepted ? error_code::none : accepted.error().why.code;
}

// A sample batch with a field of its header changed, its CRC right.
template <class T>
std::vector<std::byte> sample_with(std::size_t offset, T value) {
  auto bytes = sample_batch({});
  store_big_endian(bytes.data() + offset, value);
  repair_crc(bytes);
  return bytes;
}

TEST(validator, good_batch_passes_untouched) {
  for (const compression_type type : all_compressions) {
    auto bytes = sample_batch({.compression = {.type = type},
                               .producer_id = 9,
                               .producer_epoch = 1,
                               .base_sequence = 40});
    const auto before = bytes;
    const auto accepted = validate(bytes, {}, test_now_ms);
    ASSERT_TRUE(accepted) << accepted.error().why.message;
    EXPECT_EQ(bytes, before);
    EXPECT_FALSE(accepted->is_changed);
    EXPECT_FALSE(accepted->replacement);
    EXPECT_EQ(accepted->batch_count, 1);
    EXPECT_EQ(accepted->offset_count, 5);
    EXPECT_EQ(accepted->max_timestamp, test_now_ms + 40);
    EXPECT_EQ(accepted->offset_delta_of_max_timestamp, 4);
    EXPECT_EQ(accepted->log_append_time_ms, -1);
    EXPECT_EQ(accepted->source_compression, type);
    EXPECT_EQ(accepted->producer_id, 9);
    EXPECT_EQ(accepted->base_sequence, 40);
    EXPECT_EQ(accepted->last_sequence, 44);
  }
}

TEST(validator, sizes_and_crc) {
  const auto good = sample_batch({});
  EXPECT_EQ(code_of({}), error_code::invalid_record);
  EXPECT_EQ(code_of(joined({good, good})), error_code::invalid_record) << "one batch a partition";
  EXPECT_EQ(code_of(joined({good, {std::byte{0}}})), error_code::invalid_record);
  EXPECT_EQ(code_of({good.begin(), good.end() - 1}), error_code::invalid_record);
  EXPECT_EQ(code_of(good, {.max_message_bytes = good.size()}), error_code::none);
  EXPECT_EQ(code_of(good, {.max_message_bytes = good.size() - 1}), error_code::message_too_large);
  EXPECT_EQ(code_of(good, {.max_total_bytes = good.size() - 1}), error_code::record_list_too_large);
  auto damaged = good;
  damaged.back() ^= std::byte{1};
  EXPECT_EQ(code_of(damaged), error_code::corrupt_message);
  damaged = good;
  damaged[at::record_count] = std::byte{0x80};
  EXPECT_EQ(code_of(damaged), error_code::corrupt_message) << "the CRC comes before the count";
  damaged = good;
  store_big_endian(damaged.data() + at::length, std::int32_t{3});
  EXPECT_EQ(code_of(damaged), error_code::corrupt_message);
}

TEST(validator, every_single_changed_byte_is_refused) {
  for (const compression_type type : all_compressions) {
    const auto good = sample_batch(with_compression(type));
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto bytes = good;
      bytes[i] ^= std::byte{0x10};
      const bool is_leader_epoch = i >= at::leader_epoch && i < at::magic;
      EXPECT_EQ(code_of(bytes) == error_code::none, is_leader_epoch) << to_text(type) << ' ' << i;
    }
  }
}

TEST(validator, fields_of_the_header) {
  EXPECT_EQ(code_of(sample_batch({.base_offset = 1})), error_code::invalid_record);
  EXPECT_EQ(code_of(sample_with(at::record_count, std::int32_t{4})), error_code::invalid_record);
  EXPECT_EQ(code_of(sample_with(at::last_offset_delta, std::int32_t{5})),
            error_code::invalid_record);
  EXPECT_EQ(code_of(batch_builder({}).build(0)), error_code::invalid_record) << "no records";
  EXPECT_EQ(code_of(sample_batch({.is_control = true})), error_code::invalid_record);
  EXPECT_EQ(code_of(sample_batch({.producer_id = 1, .producer_epoch = 0})),
            error_code::invalid_record)
      << "no sequence";
  EXPECT_EQ(code_of(sample_batch({.is_transactional = true})), error_code::invalid_record);
  EXPECT_EQ(code_of(sample_batch({.base_sequence = 0})), error_code::none)
      << "some clients send sequence 0 without a producer id";
  EXPECT_EQ(
      code_of(sample_batch(with_compression(compression_type::zstd)), {.is_zstd_allowed = false}),
      error_code::unsupported_compression_type);
  auto unknown_type = sample_batch({});
  unknown_type[at::attributes + 1] = std::byte{7};
  EXPECT_EQ(code_of(unknown_type), error_code::corrupt_message);
}

TEST(validator, old_magics) {
  auto bytes = sample_batch({});
  bytes[at::magic] = std::byte{1};
  EXPECT_EQ(code_of(bytes), error_code::invalid_record);
  EXPECT_EQ(code_of(bytes, {.origin = origin::coordinator}),
            error_code::unsupported_for_message_format);
}

TEST(validator, coordinators_write_several_batches_and_control_records) {
  auto bytes = joined({sample_batch({}, 2), sample_batch({.is_control = true}, 1)});
  const auto accepted = validate(bytes, {.origin = origin::coordinator}, test_now_ms);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->batch_count, 2);
  EXPECT_EQ(accepted->offset_count, 3);
  EXPECT_EQ(accepted->offset_delta_of_max_timestamp, 1);
}

TEST(validator, log_append_time_stamps_the_header_only) {
  for (const compression_type type : all_compressions) {
    auto bytes = sample_batch(with_compression(type));
    const validation_limits limits{.timestamp_type = timestamp_type::log_append_time};
    const auto accepted = validate(bytes, limits, 12345);
    ASSERT_TRUE(accepted);
    EXPECT_TRUE(accepted->is_changed);
    EXPECT_EQ(accepted->log_append_time_ms, 12345);
    EXPECT_EQ(accepted->max_timestamp, 12345);
    const auto batch = batch_view::parse(bytes);
    EXPECT_TRUE(batch->is_crc_valid());
    EXPECT_EQ(batch->timestamp_type(), timestamp_type::log_append_time);
    EXPECT_EQ(code_of(bytes, limits), error_code::invalid_timestamp)
        << "a producer may not set this type itself";
    EXPECT_EQ(code_of(bytes), error_code::none) << "with create time the type is set right";
  }
}

TEST(validator, timestamps_out_of_range_are_listed_by_record) {
  for (const compression_type type : all_compressions) {
    auto bytes = sample_batch(with_compression(type));
    const auto late = validate(bytes, {.after_max_ms = 25}, test_now_ms);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().why.code, error_code::invalid_timestamp);
    ASSERT_EQ(late.error().record_errors.size(), 2U);
    EXPECT_EQ(late.error().record_errors[0].batch_index, 3);
    EXPECT_EQ(late.error().record_errors[0].message,
              "timestamp 1700000000030 is more than 25 ms after the broker's time 1700000000000");
    const auto early = validate(bytes, {.before_max_ms = 5}, test_now_ms + 20);
    ASSERT_FALSE(early);
    ASSERT_EQ(early.error().record_errors.size(), 2U);
    EXPECT_EQ(early.error().record_errors[1].batch_index, 1);
    EXPECT_TRUE(validate(bytes, {.before_max_ms = 0, .after_max_ms = 40}, test_now_ms));
  }
}

TEST(validator, time_limits_do_not_bind_log_append_time_nor_records_without_time) {
  EXPECT_EQ(code_of(sample_batch({}), {.timestamp_type = timestamp_type::log_append_time,
                                       .before_max_ms = 0,
                                       .after_max_ms = 0}),
            error_code::none);
  batch_builder builder({});
  builder.append({.timestamp = no_timestamp, .value = as_bytes("v")});
  EXPECT_EQ(code_of(builder.build(), {.before_max_ms = 0}), error_code::none);
}

TEST(validator, extreme_timestamps_are_refused) {
  for (const std::int64_t timestamp :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    batch_builder builder({});
    builder.append({.timestamp = timestamp, .value = as_bytes("v")});
    EXPECT_EQ(code_of(builder.build(), {.before_max_ms = 1000, .after_max_ms = 1000}),
              error_code::invalid_timestamp);
  }
}

TEST(validator, max_timestamp_that_lies_is_put_right_when_records_are_read) {
  auto bytes = sample_with(at::max_timestamp, test_now_ms + 1'000'000);
  const auto accepted = validate(bytes, {.after_max_ms = 1000}, test_now_ms);
  ASSERT_TRUE(accepted);
  EXPECT_TRUE(accepted->is_changed);
  EXPECT_EQ(accepted->max_timestamp, test_now_ms + 40);
  EXPECT_TRUE(batch_view::parse(bytes)->is_crc_valid());
}

TEST(validator, compacted_topics_need_keys) {
  batch_builder builder({});
  builder.append({.timestamp = 1, .key = as_bytes("k")});
  builder.append({.timestamp = 1, .value = as_bytes("v")});
  auto bytes = builder.build();
  const auto refused = validate(bytes, {.is_compacted = true}, test_now_ms);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why.code, error_code::invalid_record);
  ASSERT_EQ(refused.error().record_errors.size(), 1U);
  EXPECT_EQ(refused.error().record_errors[0].batch_index, 1);
  EXPECT_EQ(code_of(sample_batch({}), {.is_compacted = true}), error_code::none);
}

TEST(validator, record_errors_are_bounded) {
  batch_builder builder({});
  for (int i = 0; i < 5000; ++i) {
    builder.append({.timestamp = 1});
  }
  auto bytes = builder.build();
  const auto refused = validate(bytes, {.is_compacted = true}, test_now_ms);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().record_errors.size(), max_record_errors);
}

TEST(validator, records_that_lie_are_found_when_they_are_read) {
  auto bytes = sample_with(at::record_count, std::int32_t{6});
  store_big_endian(bytes.data() + at::last_offset_delta, std::int32_t{5});
  repair_crc(bytes);
  EXPECT_EQ(code_of(bytes), error_code::none);
  EXPECT_EQ(code_of(bytes, {.always_read_records = true}), error_code::invalid_record);
  EXPECT_EQ(code_of(bytes, {.is_compacted = true}), error_code::invalid_record);
}

TEST(validator, other_compression_writes_the_batch_anew) {
  for (const compression_type from : all_compressions) {
    for (const compression_type to : all_compressions) {
      auto bytes = sample_batch({.compression = {.type = from},
                                 .producer_id = 9,
                                 .producer_epoch = 1,
                                 .base_sequence = 40,
                                 .is_transactional = true});
      const auto accepted =
          validate(bytes, {.compression = compression_choice{.type = to}}, test_now_ms);
      ASSERT_TRUE(accepted) << accepted.error().why.message;
      ASSERT_EQ(accepted->replacement.has_value(), from != to);
      const auto batch = batch_view::parse(accepted->replacement ? *accepted->replacement : bytes);
      ASSERT_TRUE(batch && batch->is_crc_valid());
      EXPECT_EQ(batch->compression(), to);
      EXPECT_EQ(batch->last_sequence(), 44);
      EXPECT_TRUE(batch->is_transactional());
      EXPECT_EQ(accepted->max_timestamp, test_now_ms + 40);
      const auto plain = sample_batch({});
      record_reader ours(*batch);
      record_reader original(*batch_view::parse(plain));
      for (int i = 0; i < 5; ++i) {
        const auto a = ours.next();
        const auto b = original.next();
        ASSERT_TRUE(a && *a && b && *b);
        EXPECT_EQ(text_of((*a)->key), text_of((*b)->key));
        EXPECT_EQ(text_of((*a)->value), text_of((*b)->value));
        EXPECT_EQ((*a)->timestamp, (*b)->timestamp);
        EXPECT_EQ(as_text((*a)->headers.bytes()), as_text((*b)->headers.bytes()));
      }
    }
  }
}

TEST(validator, recompression_stops_at_the_limit) {
  batch_builder builder(with_compression(compression_type::zstd));
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 100; ++i) {
    builder.append({.timestamp = 1, .value = as_bytes(megabyte)});
  }
  const auto bytes = builder.build();
  EXPECT_EQ(code_of(bytes, {.compression = compression_choice{}}), error_code::message_too_large);
  validation_limits limits{.compression = compression_choice{.type = compression_type::gzip}};
  EXPECT_EQ(code_of(bytes, limits), error_code::none);
  limits.reading.max_batch_bytes = 10 << 20;
  EXPECT_EQ(code_of(bytes, limits), error_code::message_too_large);
}

TEST(validator, recompression_with_log_append_time) {
  auto bytes = sample_batch({});
  const auto accepted = validate(bytes,
                                 {.timestamp_type = timestamp_type::log_append_time,
                                  .compression = compression_choice{.type = compression_type::lz4}},
                                 777);
  ASSERT_TRUE(accepted && accepted->replacement);
  const auto batch = batch_view::parse(*accepted->replacement);
  EXPECT_EQ(batch->max_timestamp(), 777);
  EXPECT_EQ(batch->timestamp_type(), timestamp_type::log_append_time);
  EXPECT_EQ(accepted->max_timestamp, 777);
}

}  // namespace
}  // namespace barnabas::record::tests
