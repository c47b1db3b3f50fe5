#include "record/compression.h"

#include <algorithm>

#include "base/ensure.h"
#include "record/detail/streams.h"

namespace barnabas::record {
namespace {

class copying_compressor final : public compressor {
 public:
  explicit copying_compressor(std::vector<std::byte>& output) : output_(output) {}
  void append(bytes_view input) override { detail::append_bytes(output_, input); }
  void finish(bytes_view last) override { append(last); }

 private:
  std::vector<std::byte>& output_;
};

class copying_decompressor final : public decompressor {
 public:
  explicit copying_decompressor(bytes_view input) : input_(input) {}

 private:
  result<std::size_t> decode(mutable_bytes output) override {
    const std::size_t taken = std::min(output.size(), input_.size());
    std::copy_n(input_.begin(), taken, output.begin());
    input_ = input_.subspan(taken);
    return taken;
  }

  bytes_view input_;
};

std::unique_ptr<decompressor> open_unlimited(compression_type type, bytes_view input) {
  switch (type) {
    case compression_type::none:
      return std::make_unique<copying_decompressor>(input);
    case compression_type::gzip:
      return detail::open_gzip_decompressor(input);
    case compression_type::snappy:
      return detail::open_snappy_decompressor(input);
    case compression_type::lz4:
      return detail::open_lz4_decompressor(input);
    case compression_type::zstd:
      return detail::open_zstd_decompressor(input);
  }
  ensure_failed("a compression type that does not exist", std::source_location::current());
}

}  // namespace

std::string_view to_text(compression_type type) {
  constexpr std::string_view names[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  return names[static_cast<std::uint8_t>(type)];
}

std::optional<compression_type> compression_from_text(std::string_view name) {
  if (name == "uncompressed") {
    return compression_type::none;
  }
  for (std::uint8_t type = 0; type <= last_compression_type; ++type) {
    if (name == to_text(static_cast<compression_type>(type))) {
      return static_cast<compression_type>(type);
    }
  }
  return std::nullopt;
}

std::unique_ptr<compressor> compressor::open(compression_choice how, std::vector<std::byte>& output,
                                             std::optional<std::size_t> stream_bytes) {
  const level_range levels = levels_of(how.type);
  const int level = std::clamp(how.level, levels.lowest, levels.highest);
  switch (how.type) {
    case compression_type::none:
      return std::make_unique<copying_compressor>(output);
    case compression_type::gzip:
      return detail::open_gzip_compressor(level, output);
    case compression_type::snappy:
      return detail::open_snappy_compressor(output);
    case compression_type::lz4:
      return detail::open_lz4_compressor(level, output);
    case compression_type::zstd:
      return detail::open_zstd_compressor(level, output, stream_bytes);
  }
  ensure_failed("a compression type that does not exist", std::source_location::current());
}

std::vector<std::byte> compress(compression_choice how, bytes_view input) {
  std::vector<std::byte> output;
  compressor::open(how, output)->finish(input);
  return output;
}

result<std::size_t> decompressor::read(mutable_bytes output) {
  auto decoded = decode(output);
  if (decoded) {
    if (*decoded > left_to_limit()) {
      return fail(error_code::message_too_large,
                  "decompressed to more than " + std::to_string(limit_bytes_) + " bytes");
    }
    decoded_bytes_ += *decoded;
  }
  return decoded;
}

std::unique_ptr<decompressor> decompressor::open(compression_type type, bytes_view input,
                                                 std::size_t max_output_bytes) {
  auto stream = open_unlimited(type, input);
  stream->limit_bytes_ = max_output_bytes;
  return stream;
}

result<std::size_t> decompress(compression_type type, bytes_view input,
                               std::size_t max_output_bytes,
                               const std::function<mutable_bytes(std::size_t used)>& grow) {
  const auto stream = decompressor::open(type, input, max_output_bytes);
  mutable_bytes room;
  std::size_t used = 0;
  for (;;) {
    if (used == room.size()) {
      room = grow(used);
    }
    const auto more = stream->read(room.subspan(used));
    if (!more) {
      return std::unexpected(more.error());
    }
    if (*more == 0) {
      return used;
    }
    used += *more;
  }
}

result<std::vector<std::byte>> decompress(compression_type type, bytes_view input,
                                          std::size_t max_output_bytes) {
  constexpr std::size_t smallest_step = 4096;
  std::vector<std::byte> output;
  const auto size = decompress(type, input, max_output_bytes, [&](std::size_t used) {
    output.resize(used + std::max(smallest_step, used == 0 ? input.size() : used));
    return mutable_bytes(output);
  });
  if (!size) {
    return std::unexpected(size.error());
  }
  output.resize(*size);
  return output;
}

}  // namespace barnabas::record
