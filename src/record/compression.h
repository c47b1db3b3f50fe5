// The compressed streams of record batches, as Java's client reads and writes them: gzip (RFC
// 1952), snappy in xerial's framing (magic header, blocks of 32 KiB) and as one raw block, LZ4
// frames (64 KiB blocks, independent), zstd (RFC 8878). Reading takes memory by what was decoded
// and by the format's window (zstd 128 MiB at most, lz4 4 MiB), never by a length that the data
// announces. No state outlives a call or an object.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "record/batch_format.h"

namespace barnabas::record {

// Nothing when the name is not one of "none", "uncompressed", "gzip", "snappy", "lz4", "zstd".
std::optional<compression_type> compression_from_text(std::string_view name);

// Levels as Kafka's settings have them: gzip -1 (zlib's default) to 9, lz4 1 to 17 (9, the default,
// is the fast compressor), zstd -131072 to 22 (default 3). Without levels (none, snappy) all three
// are 0.
struct level_range {
  int lowest = 0;
  int highest = 0;
  int standard = 0;
};
constexpr level_range levels_of(compression_type type) {
  switch (type) {
    case compression_type::gzip:
      return {-1, 9, -1};
    case compression_type::lz4:
      return {1, 17, 9};
    case compression_type::zstd:
      return {-131072, 22, 3};
    case compression_type::none:
    case compression_type::snappy:
      break;
  }
  return {};
}

// How to compress. A level outside of levels_of(type) is moved to the nearest.
struct compression_choice {
  compression_type type = compression_type::none;
  int level = levels_of(type).standard;
};

// Compresses a stream that is given in pieces, to the end of a buffer that is given once.
class compressor {
 public:
  virtual ~compressor() = default;
  virtual void append(bytes_view input) = 0;
  // Adds a last piece and ends the stream; nothing can be appended after it.
  virtual void finish(bytes_view last) = 0;

  // What it writes is added to `output`, which outlives it. A stream whose size is known from the
  // beginning, said here or because all is given to finish(), compresses best.
  static std::unique_ptr<compressor> open(compression_choice how, std::vector<std::byte>& output,
                                          std::optional<std::size_t> stream_bytes = std::nullopt);
};
std::vector<std::byte> compress(compression_choice how, bytes_view input);

// Decompresses in pieces as large as the reader likes, up to a limit.
class decompressor {
 public:
  virtual ~decompressor() = default;
  // Fills the beginning of `output` (not empty) and returns how many bytes it wrote, 0 only at the
  // stream's end. corrupt_message: bytes that are not such a stream, a stream that ends early,
  // bytes after its end. message_too_large: the stream has more than `max_output_bytes`. After an
  // error it must not be called again.
  result<std::size_t> read(mutable_bytes output);

  // `input` outlives it.
  static std::unique_ptr<decompressor> open(compression_type type, bytes_view input,
                                            std::size_t max_output_bytes);

 protected:
  // As read(), without the limit.
  virtual result<std::size_t> decode(mutable_bytes output) = 0;
  std::size_t left_to_limit() const { return limit_bytes_ - decoded_bytes_; }

 private:
  std::size_t limit_bytes_ = 0;
  std::size_t decoded_bytes_ = 0;
};

// The whole stream. message_too_large when it has more than `max_output_bytes`, found out by
// decoding that much. The first form asks grow(used) for room when there is none: all of it, more
// than `used` bytes, the first `used` as they were. Returns the bytes of the stream.
result<std::size_t> decompress(compression_type type, bytes_view input,
                               std::size_t max_output_bytes,
                               const std::function<mutable_bytes(std::size_t used)>& grow);
result<std::vector<std::byte>> decompress(compression_type type, bytes_view input,
                                          std::size_t max_output_bytes);

}  // namespace barnabas::record
