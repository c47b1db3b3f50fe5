// The streams of each compression, made by compressor::open and decompressor::open. One file a
// format.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "record/compression.h"

namespace barnabas::record::detail {

std::unique_ptr<compressor> open_gzip_compressor(int level, std::vector<std::byte>& output);
std::unique_ptr<compressor> open_snappy_compressor(std::vector<std::byte>& output);
std::unique_ptr<compressor> open_lz4_compressor(int level, std::vector<std::byte>& output);
std::unique_ptr<compressor> open_zstd_compressor(int level, std::vector<std::byte>& output,
                                                 std::optional<std::size_t> stream_bytes);

std::unique_ptr<decompressor> open_gzip_decompressor(bytes_view input);
std::unique_ptr<decompressor> open_snappy_decompressor(bytes_view input);
std::unique_ptr<decompressor> open_lz4_decompressor(bytes_view input);
std::unique_ptr<decompressor> open_zstd_decompressor(bytes_view input);

inline std::unexpected<error> broken_stream(std::string what) {
  return fail(error_code::corrupt_message, std::move(what));
}

// Makes room for `bytes` more at the end of `output`; returns where they begin.
inline std::byte* grow(std::vector<std::byte>& output, std::size_t bytes) {
  const std::size_t before = output.size();
  output.resize(before + bytes);
  return output.data() + before;
}

inline void append_bytes(std::vector<std::byte>& output, bytes_view bytes) {
  output.insert(output.end(), bytes.begin(), bytes.end());
}

}  // namespace barnabas::record::detail
