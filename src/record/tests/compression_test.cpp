#include "record/compression.h"

#include <gtest/gtest.h>
#include <snappy.h>

#include <random>

#include "record/tests/fixtures.h"

namespace barnabas::record::tests {
namespace {

std::vector<std::byte> sample_text(std::size_t size) {
  std::mt19937 random(7);
  std::vector<std::byte> text(size);
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = i % 7 < 5 ? std::byte{'a'} : std::byte(random());
  }
  return text;
}

std::vector<std::byte> zeros(std::size_t size) {
  return std::vector<std::byte>(size);
}

TEST(compression, every_format_gives_back_what_it_was_given) {
  for (const compression_type type : all_compressions) {
    for (const std::size_t size : {0, 1, 100, 32768, 65536, 65537, 1000000}) {
      const auto text = sample_text(size);
      const auto packed = compress({.type = type}, text);
      const auto unpacked = decompress(type, packed, size);
      ASSERT_TRUE(unpacked) << to_text(type) << ' ' << size << ' ' << unpacked.error().message;
      EXPECT_EQ(*unpacked, text) << to_text(type) << ' ' << size;
    }
  }
}

TEST(compression, input_in_pieces_is_the_same_stream) {
  const auto text = sample_text(200000);
  for (const compression_type type : all_compressions) {
    std::vector<std::byte> packed;
    const auto stream = compressor::open({.type = type}, packed);
    for (std::size_t done = 0; done < text.size(); done += 1000) {
      stream->append(bytes_view(text).subspan(done, 1000));
    }
    stream->finish({});
    const auto unpacked = decompress(type, packed, text.size());
    ASSERT_TRUE(unpacked) << to_text(type);
    EXPECT_EQ(*unpacked, text);
  }
}

TEST(compression, every_level_can_be_read) {
  const auto text = sample_text(5000);
  for (const compression_type type : all_compressions) {
    const level_range levels = levels_of(type);
    for (const int level :
         {levels.lowest - 1, levels.lowest, 0, 1, 5, levels.highest, levels.highest + 100}) {
      const auto unpacked = decompress(type, compress({type, level}, text), text.size());
      ASSERT_TRUE(unpacked) << to_text(type) << ' ' << level;
      EXPECT_EQ(*unpacked, text);
    }
  }
}

TEST(compression, every_truncation_is_an_error) {
  const auto text = sample_text(500);
  for (const compression_type type : all_compressions) {
    if (type == compression_type::none) {
      continue;
    }
    const auto packed = compress({.type = type}, text);
    for (std::size_t size = 0; size < packed.size(); ++size) {
      const auto unpacked = decompress(type, bytes_view(packed).first(size), 1000);
      // Between two blocks xerial's framing has no mark of its end.
      const bool is_whole_xerial = type == compression_type::snappy && size == 16;
      EXPECT_TRUE(!unpacked || is_whole_xerial) << to_text(type) << ' ' << size;
    }
  }
}

TEST(compression, changed_bytes_end_in_an_error_or_in_bytes_within_the_limit) {
  const auto text = sample_text(300);
  for (const compression_type type : all_compressions) {
    auto packed = compress({.type = type}, text);
    for (std::size_t i = 0; i < packed.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        packed[i] ^= std::byte(1U << bit);
        const auto unpacked = decompress(type, packed, 4096);
        EXPECT_TRUE(!unpacked || unpacked->size() <= 4096);
        packed[i] ^= std::byte(1U << bit);
      }
    }
  }
}

TEST(compression, bytes_after_the_end_are_an_error) {
  for (const compression_type type : {compression_type::gzip, compression_type::snappy,
                                      compression_type::lz4, compression_type::zstd}) {
    auto packed = compress({.type = type}, sample_text(100));
    packed.push_back(std::byte{1});
    EXPECT_FALSE(decompress(type, packed, 1000)) << to_text(type);
  }
}

TEST(compression, streams_may_be_concatenated) {
  const auto text = sample_text(100);
  for (const compression_type type : {compression_type::gzip, compression_type::snappy,
                                      compression_type::lz4, compression_type::zstd}) {
    auto packed = compress({.type = type}, text);
    const auto once = packed;
    packed.insert(packed.end(), once.begin(), once.end());
    const auto unpacked = decompress(type, packed, 1000);
    ASSERT_TRUE(unpacked) << to_text(type) << unpacked.error().message;
    EXPECT_EQ(unpacked->size(), 200U);
  }
}

TEST(compression, bombs_are_refused_at_the_limit) {
  for (const compression_type type : {compression_type::gzip, compression_type::snappy,
                                      compression_type::lz4, compression_type::zstd}) {
    const auto packed = compress({.type = type}, zeros(std::size_t{64} << 20));
    const auto unpacked = decompress(type, packed, std::size_t{1} << 20);
    ASSERT_FALSE(unpacked);
    EXPECT_EQ(unpacked.error().code, error_code::message_too_large) << to_text(type);
  }
}

TEST(snappy, bare_block_is_read) {
  const auto text = sample_text(100000);
  std::string packed;
  snappy::Compress(reinterpret_cast<const char*>(text.data()), text.size(), &packed);
  const auto unpacked = decompress(compression_type::snappy, as_bytes(packed), text.size());
  ASSERT_TRUE(unpacked);
  EXPECT_EQ(*unpacked, text);
}

TEST(snappy, is_written_in_the_framing_of_java) {
  const auto packed = compress({.type = compression_type::snappy}, sample_text(40000));
  constexpr unsigned char header[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0,
                                      0,    0,   0,   1,   0,   0,   0,   1};
  ASSERT_GT(packed.size(), sizeof(header) + 4);
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(header)), std::span(packed).first(16)));
  std::size_t size = 0;
  const auto length = load_big_endian<std::int32_t>(packed.data() + 16);
  ASSERT_TRUE(snappy::GetUncompressedLength(reinterpret_cast<const char*>(packed.data() + 20),
                                            static_cast<std::size_t>(length), &size));
  EXPECT_EQ(size, 32768U);
}

TEST(snappy, announced_length_allocates_nothing) {
  // A block of 6 bytes that announces 4 GiB.
  constexpr unsigned char bare[] = {0xff, 0xff, 0xff, 0xff, 0x0f, 0x00};
  const auto unpacked =
      decompress(compression_type::snappy, std::as_bytes(std::span(bare)), std::size_t{1} << 40);
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, error_code::corrupt_message);
}

TEST(zstd, windows_above_128_mib_are_refused) {
  // Frame header: magic, descriptor with a window, window descriptor 2^28 bytes; then a raw block
  // of one byte.
  constexpr unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x09, 0x00, 0x00, 'a'};
  EXPECT_FALSE(decompress(compression_type::zstd, std::as_bytes(std::span(frame)), 100));
  unsigned char allowed[sizeof(frame)];
  std::ranges::copy(frame, allowed);
  allowed[5] = 17 << 3;
  EXPECT_TRUE(decompress(compression_type::zstd, std::as_bytes(std::span(allowed)), 100));
}

TEST(compression, names_are_those_of_the_settings) {
  for (const compression_type type : all_compressions) {
    EXPECT_EQ(compression_from_text(to_text(type)), type);
  }
  EXPECT_EQ(compression_from_text("uncompressed"), compression_type::none);
  EXPECT_EQ(compression_from_text("producer"), std::nullopt);
}

}  // namespace
}  // namespace barnabas::record::tests
