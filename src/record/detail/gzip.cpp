#include <zlib.h>

#include "base/ensure.h"
#include "record/detail/streams.h"

namespace barnabas::record::detail {
namespace {

// zlib's window of 32 KiB, with gzip's header and trailer.
constexpr int gzip_window_bits = 15 + 16;
constexpr int memory_level = 8;
constexpr std::size_t output_step_bytes = 16 * 1024;

Bytef* zlib_bytes(const std::byte* bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes));
}

class gzip_compressor final : public compressor {
 public:
  gzip_compressor(int level, std::vector<std::byte>& output) : output_(output) {
    ensure(deflateInit2(&zlib_, level, Z_DEFLATED, gzip_window_bits, memory_level,
                        Z_DEFAULT_STRATEGY) == Z_OK,
           "deflateInit2");
  }
  ~gzip_compressor() override { deflateEnd(&zlib_); }

  void append(bytes_view input) override { run(input, Z_NO_FLUSH); }
  void finish(bytes_view last) override { run(last, Z_FINISH); }

 private:
  void run(bytes_view input, int flush) {
    zlib_.next_in = zlib_bytes(input.data());
    zlib_.avail_in = static_cast<uInt>(input.size());
    do {
      zlib_.next_out = zlib_bytes(grow(output_, output_step_bytes));
      zlib_.avail_out = output_step_bytes;
      const int code = deflate(&zlib_, flush);
      ensure(code != Z_STREAM_ERROR, "deflate");
      output_.resize(output_.size() - zlib_.avail_out);
    } while (zlib_.avail_out == 0);
  }

  z_stream zlib_{};
  std::vector<std::byte>& output_;
};

class gzip_decompressor final : public decompressor {
 public:
  explicit gzip_decompressor(bytes_view input) {
    ensure(inflateInit2(&zlib_, gzip_window_bits) == Z_OK, "inflateInit2");
    zlib_.next_in = zlib_bytes(input.data());
    zlib_.avail_in = static_cast<uInt>(input.size());
  }
  ~gzip_decompressor() override { inflateEnd(&zlib_); }

 private:
  result<std::size_t> decode(mutable_bytes output) override {
    zlib_.next_out = zlib_bytes(output.data());
    zlib_.avail_out = static_cast<uInt>(output.size());
    while (!is_ended_ && zlib_.avail_out == output.size()) {
      const int code = inflate(&zlib_, Z_NO_FLUSH);
      if (code == Z_STREAM_END) {
        // Another member may follow (RFC 1952 section 2.2).
        is_ended_ = zlib_.avail_in == 0;
        ensure(is_ended_ || inflateReset(&zlib_) == Z_OK, "inflateReset");
      } else if (code == Z_BUF_ERROR || (code == Z_OK && is_stuck(output.size()))) {
        return broken_stream("gzip stream ends early");
      } else if (code != Z_OK) {
        return broken_stream(std::string("gzip: ") +
                             (zlib_.msg != nullptr ? zlib_.msg : zError(code)));
      }
    }
    return output.size() - zlib_.avail_out;
  }

  bool is_stuck(std::size_t room) const { return zlib_.avail_in == 0 && zlib_.avail_out == room; }

  z_stream zlib_{};
  bool is_ended_ = false;
};

}  // namespace

std::unique_ptr<compressor> open_gzip_compressor(int level, std::vector<std::byte>& output) {
  return std::make_unique<gzip_compressor>(level, output);
}

std::unique_ptr<decompressor> open_gzip_decompressor(bytes_view input) {
  return std::make_unique<gzip_decompressor>(input);
}

}  // namespace barnabas::record::detail
