// Cuts frames out of the bytes of a connection.   frame := length:int32 payload[length]
// Bytes are read into a buffer of 64 KiB from the shard's pool, of 256 KiB after a frame over 32
// KiB; the frames in it share it without a copy, except those up to 1 KiB, which are copied so that
// a waiting request does not hold a whole buffer. A frame that does not fit has a buffer of its
// own, grown as its bytes arrive: at most 128 KiB or 8 times what is there. After a frame over 128
// KiB the next length is read alone, so that such frames in a row are not copied at all. Buffers of
// such frames may be kept and used again, until a smaller frame comes. No socket, no shard: a value
// that owns its buffers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/recycled_buffers.h"
#include "base/result.h"
#include "network/frame.h"

namespace barnabas::network {

class frame_receiver {
 public:
  // Frames may have at most limit_bytes bytes of payload. `setting` is what sets the limit, for the
  // error. So many buffers of large frames are kept.
  explicit frame_receiver(std::int32_t limit_bytes,
                          const char* setting = "socket.request.max.bytes",
                          std::size_t kept_buffers = 0)
      : limit_bytes_(limit_bytes), setting_(setting), kept_(kept_buffers) {}

  // The next whole frame, without a charge; nothing when bytes are missing. INVALID_REQUEST for a
  // length below 0 or over the limit; then the stream has no meaning any more.
  result<std::optional<frame>> next();
  // Where the next bytes go: never empty after next() gave nothing.
  mutable_bytes space();
  // So many bytes were put there.
  void received(std::size_t count);
  // Before a wait: gives back memory that is not needed to keep what has arrived.
  void rest();
  // Whether no byte of a frame is held, so that the stream may end here.
  bool is_empty() const;
  // Memory of buffers that this receiver keeps now.
  std::size_t held_bytes() const;

 private:
  result<std::int32_t> checked_length(const std::byte* at) const;
  void expect_like(std::size_t length);
  std::size_t next_chunk_bytes() const;
  frame cut(std::size_t length);
  void begin_large(std::size_t length);
  void grow_large();
  recycled_buffers::buffer make_large() const;
  std::optional<frame> finish_large();
  void renew_chunk();

  std::int32_t limit_bytes_;
  const char* setting_;
  bool reads_length_alone_ = false;
  bool is_wide_ = false;
  // The shared buffer; [begin_, end_) has arrived and is not cut yet.
  std::shared_ptr<std::byte[]> chunk_;
  std::size_t chunk_capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  // The length that is read alone.
  std::array<std::byte, 4> prefix_{};
  std::size_t prefix_filled_ = 0;
  // A frame with a buffer of its own, while large_length_ is set.
  std::optional<std::size_t> large_length_;
  recycled_buffers::buffer large_;
  std::size_t large_capacity_ = 0;  // of it, what the frame may fill
  std::size_t large_filled_ = 0;
  recycled_buffers kept_;
};

}  // namespace barnabas::network
