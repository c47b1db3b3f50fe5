// Two framings are in use. One is a bare snappy block. The other is that of Java's xerial library,
// which is also what we write:
//   stream = header block*
//   header = 0x82 'S' 'N' 'A' 'P' 'P' 'Y' 0x00 version:int32=1 compatible:int32=1
//   block  = length:int32 snappy_block[length]           (32 KiB before compression)
// Where streams were concatenated a header stands in the place of a block.
#include <snappy.h>

#include <array>
#include <cstring>

#include "base/endian.h"
#include "record/detail/streams.h"

namespace barnabas::record::detail {
namespace {

constexpr std::size_t block_bytes = 32 * 1024;
constexpr std::array<unsigned char, 16> xerial_header = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0,
                                                         0,    0,   0,   1,   0,   0,   0,   1};
constexpr std::size_t xerial_magic_bytes = 8;
// A snappy block's densest element is a copy of 64 bytes in 3.
constexpr std::size_t densest_ratio = 22;

const char* chars(const std::byte* bytes) {
  return reinterpret_cast<const char*>(bytes);
}
char* chars(std::byte* bytes) {
  return reinterpret_cast<char*>(bytes);
}

class snappy_compressor final : public compressor {
 public:
  explicit snappy_compressor(std::vector<std::byte>& output) : output_(output) {
    append_bytes(output_, std::as_bytes(std::span(xerial_header)));
  }

  void append(bytes_view input) override {
    while (pending_.size() + input.size() >= block_bytes) {
      const bytes_view part = input.first(block_bytes - pending_.size());
      if (pending_.empty()) {
        write_block(part);
      } else {
        append_bytes(pending_, part);
        write_block(pending_);
        pending_.clear();
      }
      input = input.subspan(part.size());
    }
    append_bytes(pending_, input);
  }

  void finish(bytes_view last) override {
    append(last);
    if (!pending_.empty()) {
      write_block(pending_);
    }
  }

 private:
  void write_block(bytes_view block) {
    const std::size_t prefix = output_.size();
    const std::size_t most = snappy::MaxCompressedLength(block.size());
    std::byte* const at = grow(output_, sizeof(std::int32_t) + most);
    std::size_t length = 0;
    snappy::RawCompress(chars(block.data()), block.size(), chars(at + sizeof(std::int32_t)),
                        &length);
    store_big_endian(at, static_cast<std::int32_t>(length));
    output_.resize(prefix + sizeof(std::int32_t) + length);
  }

  std::vector<std::byte>& output_;
  std::vector<std::byte> pending_;
};

class snappy_decompressor final : public decompressor {
 public:
  explicit snappy_decompressor(bytes_view input) : input_(input), is_xerial_(at_header()) {}

 private:
  bool at_header() const {
    return input_.size() >= xerial_header.size() &&
           std::memcmp(input_.data(), xerial_header.data(), xerial_magic_bytes) == 0;
  }

  result<std::size_t> decode(mutable_bytes output) override {
    while (readable_.empty()) {
      if (is_ended_) {
        return 0;
      }
      if (auto next = is_xerial_ ? next_xerial_block() : next_raw_block(); !next) {
        return std::unexpected(std::move(next.error()));
      }
    }
    const std::size_t taken = std::min(output.size(), readable_.size());
    std::memcpy(output.data(), readable_.data(), taken);
    readable_ = readable_.subspan(taken);
    return taken;
  }

  result<void> next_raw_block() {
    is_ended_ = true;
    return expand(input_);
  }

  result<void> next_xerial_block() {
    if (input_.empty()) {
      is_ended_ = true;
      return {};
    }
    if (at_header()) {
      input_ = input_.subspan(xerial_header.size());
      return {};
    }
    if (input_.size() < sizeof(std::int32_t)) {
      return broken_stream("snappy: the stream ends within a block's length");
    }
    const auto length = load_big_endian<std::int32_t>(input_.data());
    input_ = input_.subspan(sizeof(std::int32_t));
    if (length < 0 || static_cast<std::size_t>(length) > input_.size()) {
      return broken_stream("snappy: a block of " + std::to_string(length) + " bytes where " +
                           std::to_string(input_.size()) + " are left");
    }
    const bytes_view block = input_.first(static_cast<std::size_t>(length));
    input_ = input_.subspan(block.size());
    return expand(block);
  }

  result<void> expand(bytes_view block) {
    std::size_t length = 0;
    if (!snappy::GetUncompressedLength(chars(block.data()), block.size(), &length) ||
        length > block.size() * densest_ratio) {
      return broken_stream("snappy: a block announces a length that it cannot have");
    }
    if (length > left_to_limit()) {
      return fail(error_code::message_too_large,
                  "snappy: a block of " + std::to_string(length) + " bytes is over the limit");
    }
    buffer_.resize(length);
    if (!snappy::RawUncompress(chars(block.data()), block.size(), chars(buffer_.data()))) {
      return broken_stream("snappy: broken block");
    }
    readable_ = buffer_;
    return {};
  }

  bytes_view input_;
  bool is_xerial_;
  bool is_ended_ = false;
  std::vector<std::byte> buffer_;
  bytes_view readable_;
};

}  // namespace

std::unique_ptr<compressor> open_snappy_compressor(std::vector<std::byte>& output) {
  return std::make_unique<snappy_compressor>(output);
}

std::unique_ptr<decompressor> open_snappy_decompressor(bytes_view input) {
  return std::make_unique<snappy_decompressor>(input);
}

}  // namespace barnabas::record::detail
