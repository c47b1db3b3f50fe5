#include <zstd.h>

#include <algorithm>

#include "base/ensure.h"
#include "record/detail/streams.h"

namespace barnabas::record::detail {
namespace {

// 128 MiB: what level 22 writes and Java's client accepts. The system gives the pages as they are
// written to.
constexpr int largest_window_log = 27;

class zstd_compressor final : public compressor {
 public:
  zstd_compressor(int level, std::vector<std::byte>& output,
                  std::optional<std::size_t> stream_bytes)
      : context_(ZSTD_createCCtx()), output_(output) {
    ensure(context_ != nullptr, "zstd context");
    ensure(ZSTD_isError(ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level)) == 0,
           "zstd level");
    if (stream_bytes) {
      ensure(ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context_, *stream_bytes)) == 0, "zstd size");
    }
  }
  ~zstd_compressor() override { ZSTD_freeCCtx(context_); }

  void append(bytes_view input) override { run(input, ZSTD_e_continue); }
  void finish(bytes_view last) override { run(last, ZSTD_e_end); }

 private:
  void run(bytes_view input, ZSTD_EndDirective end) {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    std::size_t left = 0;
    do {
      const std::size_t room = ZSTD_compressBound(std::min<std::size_t>(input.size(), 64 * 1024));
      ZSTD_outBuffer out{grow(output_, room), room, 0};
      left = ZSTD_compressStream2(context_, &out, &in, end);
      ensure(ZSTD_isError(left) == 0, "zstd compression");
      output_.resize(output_.size() - room + out.pos);
    } while (in.pos < in.size || (end == ZSTD_e_end && left != 0));
  }

  ZSTD_CCtx* context_;
  std::vector<std::byte>& output_;
};

class zstd_decompressor final : public decompressor {
 public:
  explicit zstd_decompressor(bytes_view input)
      : context_(ZSTD_createDCtx()), in_{input.data(), input.size(), 0} {
    ensure(context_ != nullptr, "zstd context");
    ensure(ZSTD_isError(
               ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, largest_window_log)) == 0,
           "zstd window");
  }
  ~zstd_decompressor() override { ZSTD_freeDCtx(context_); }

 private:
  result<std::size_t> decode(mutable_bytes output) override {
    while (!(is_frame_done_ && in_.pos == in_.size)) {
      ZSTD_outBuffer out{output.data(), output.size(), 0};
      const std::size_t before = in_.pos;
      const std::size_t hint = ZSTD_decompressStream(context_, &out, &in_);
      if (ZSTD_isError(hint) != 0) {
        return broken_stream(std::string("zstd: ") + ZSTD_getErrorName(hint));
      }
      is_frame_done_ = hint == 0;
      if (out.pos > 0) {
        return out.pos;
      }
      if (!is_frame_done_ && in_.pos == before) {
        return broken_stream("zstd stream ends early");
      }
    }
    return 0;
  }

  ZSTD_DCtx* context_;
  ZSTD_inBuffer in_;
  bool is_frame_done_ = false;
};

}  // namespace

std::unique_ptr<compressor> open_zstd_compressor(int level, std::vector<std::byte>& output,
                                                 std::optional<std::size_t> stream_bytes) {
  return std::make_unique<zstd_compressor>(level, output, stream_bytes);
}

std::unique_ptr<decompressor> open_zstd_decompressor(bytes_view input) {
  return std::make_unique<zstd_decompressor>(input);
}

}  // namespace barnabas::record::detail
