// LZ4 frames as Java's client reads them: blocks of 64 KiB that do not refer to each other, no
// checksums.
#include <lz4frame.h>
#include <lz4hc.h>

#include <algorithm>

#include "base/ensure.h"
#include "record/detail/streams.h"

namespace barnabas::record::detail {
namespace {

// The default level of Kafka's settings is the fast compressor, every other one the thorough one.
int library_level(int level) {
  return level == levels_of(compression_type::lz4).standard
             ? 0
             : std::clamp(level, LZ4HC_CLEVEL_MIN, LZ4HC_CLEVEL_MAX);
}

class lz4_compressor final : public compressor {
 public:
  lz4_compressor(int level, std::vector<std::byte>& output) : output_(output) {
    preferences_.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences_.frameInfo.blockMode = LZ4F_blockIndependent;
    preferences_.compressionLevel = library_level(level);
    ensure(LZ4F_isError(LZ4F_createCompressionContext(&context_, LZ4F_VERSION)) == 0,
           "lz4 context");
    std::byte* const at = grow(output_, LZ4F_HEADER_SIZE_MAX);
    shrink(LZ4F_HEADER_SIZE_MAX,
           LZ4F_compressBegin(context_, at, LZ4F_HEADER_SIZE_MAX, &preferences_));
  }
  ~lz4_compressor() override { LZ4F_freeCompressionContext(context_); }

  void append(bytes_view input) override {
    const std::size_t most = LZ4F_compressBound(input.size(), &preferences_);
    std::byte* const at = grow(output_, most);
    shrink(most, LZ4F_compressUpdate(context_, at, most, input.data(), input.size(), nullptr));
  }

  void finish(bytes_view last) override {
    append(last);
    const std::size_t most = LZ4F_compressBound(0, &preferences_);
    std::byte* const at = grow(output_, most);
    shrink(most, LZ4F_compressEnd(context_, at, most, nullptr));
  }

 private:
  // Gives back what was not written of `room` bytes.
  void shrink(std::size_t room, std::size_t written) {
    ensure(LZ4F_isError(written) == 0, "lz4 compression");
    output_.resize(output_.size() - room + written);
  }

  LZ4F_preferences_t preferences_{};
  LZ4F_cctx* context_ = nullptr;
  std::vector<std::byte>& output_;
};

class lz4_decompressor final : public decompressor {
 public:
  explicit lz4_decompressor(bytes_view input) : input_(input) {
    ensure(LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) == 0,
           "lz4 context");
  }
  ~lz4_decompressor() override { LZ4F_freeDecompressionContext(context_); }

 private:
  result<std::size_t> decode(mutable_bytes output) override {
    while (!(is_frame_done_ && input_.empty())) {
      std::size_t written = output.size();
      std::size_t taken = input_.size();
      const std::size_t hint =
          LZ4F_decompress(context_, output.data(), &written, input_.data(), &taken, nullptr);
      if (LZ4F_isError(hint) != 0) {
        return broken_stream(std::string("lz4: ") + LZ4F_getErrorName(hint));
      }
      input_ = input_.subspan(taken);
      is_frame_done_ = hint == 0;
      if (written > 0) {
        return written;
      }
      if (!is_frame_done_ && taken == 0) {
        return broken_stream("lz4 stream ends early");
      }
    }
    return 0;
  }

  bytes_view input_;
  LZ4F_dctx* context_ = nullptr;
  bool is_frame_done_ = false;
};

}  // namespace

std::unique_ptr<compressor> open_lz4_compressor(int level, std::vector<std::byte>& output) {
  return std::make_unique<lz4_compressor>(level, output);
}

std::unique_ptr<decompressor> open_lz4_decompressor(bytes_view input) {
  return std::make_unique<lz4_decompressor>(input);
}

}  // namespace barnabas::record::detail
