#include "network/frame_receiver.h"

#include <fmt/format.h>

#include "base/endian.h"
#include "network/detail/buffer_pool.h"
#include "runtime/frame_allocator.h"

namespace barnabas::network {
namespace {

constexpr std::size_t length_bytes = 4;
constexpr std::size_t chunk_bytes = (std::size_t{64} << 10) - detail::buffer_overhead_bytes;
// After a long frame: several of its size arrive by one read, and still fit the core's cache.
constexpr std::size_t wide_chunk_bytes = (std::size_t{256} << 10) - detail::buffer_overhead_bytes;
// A chunk with less room than this is not read into again, unless for the rest of a frame.
constexpr std::size_t least_room_bytes = std::size_t{4} << 10;
// Frames up to this size do not share the chunk.
constexpr std::size_t copied_bytes = std::size_t{1} << 10;
// Up to so many bytes of a begun frame leave the chunk during a wait.
constexpr std::size_t parked_bytes = std::size_t{8} << 10;
// A frame over the first size makes the next chunk wide, over the second the next length be read
// alone.
constexpr std::size_t long_frame_bytes = std::size_t{32} << 10;
constexpr std::size_t very_long_frame_bytes = std::size_t{128} << 10;
// The first buffer of a large frame, and how much larger than what has arrived the later ones are.
constexpr std::size_t first_large_bytes = std::size_t{128} << 10;
constexpr std::size_t large_growth = 8;

}  // namespace

result<std::int32_t> frame_receiver::checked_length(const std::byte* at) const {
  const auto length = load_big_endian<std::int32_t>(at);
  if (length < 0) {
    return fail(error_code::invalid_request, fmt::format("a frame of negative length {}", length));
  }
  if (length > limit_bytes_) {
    return fail(error_code::invalid_request,
                fmt::format("a frame of {} bytes, over {}={}", length, setting_, limit_bytes_));
  }
  return length;
}

result<std::optional<frame>> frame_receiver::next() {
  if (large_length_) {
    return finish_large();
  }
  const bool is_alone = prefix_filled_ == length_bytes;
  const std::size_t arrived = end_ - begin_;
  if (!is_alone && arrived < length_bytes) {
    return std::nullopt;
  }
  const auto checked = checked_length(is_alone ? prefix_.data() : chunk_.get() + begin_);
  if (!checked) {
    return std::unexpected(checked.error());
  }
  const auto length = static_cast<std::size_t>(*checked);
  if (is_alone) {
    begin_large(length);
    return finish_large();
  }
  if (arrived - length_bytes >= length) {
    return cut(length);
  }
  if (reads_length_alone_ || length_bytes + length > next_chunk_bytes()) {
    begin_large(length);
  }
  return std::nullopt;
}

void frame_receiver::expect_like(std::size_t length) {
  reads_length_alone_ = length > very_long_frame_bytes;
  is_wide_ = length > long_frame_bytes && !reads_length_alone_;
  if (!reads_length_alone_) {
    kept_.drop();
  }
}

std::size_t frame_receiver::next_chunk_bytes() const {
  return is_wide_ ? wide_chunk_bytes : chunk_bytes;
}

frame frame_receiver::cut(std::size_t length) {
  const mutable_bytes payload(chunk_.get() + begin_ + length_bytes, length);
  begin_ += length_bytes + length;
  expect_like(length);
  if (length > copied_bytes) {
    return {chunk_, payload, {}};
  }
  auto own = std::allocate_shared_for_overwrite<std::byte[]>(runtime::frame_allocator<std::byte>(),
                                                             length);
  std::copy(payload.begin(), payload.end(), own.get());
  const mutable_bytes copy(own.get(), length);
  return {std::move(own), copy, {}};
}

void frame_receiver::begin_large(std::size_t length) {
  const std::size_t arrived = end_ - begin_;
  const std::size_t taken = arrived > length_bytes ? arrived - length_bytes : 0;
  large_length_ = length;
  large_ = kept_.take_free(length);
  large_capacity_ = length;
  if (large_.bytes == nullptr) {
    large_capacity_ = std::min(length, std::max(first_large_bytes, taken * large_growth));
    large_ = make_large();
  }
  large_filled_ = taken;
  if (taken != 0) {
    std::memcpy(large_.bytes.get(), chunk_.get() + begin_ + length_bytes, taken);
  }
  chunk_.reset();
  chunk_capacity_ = begin_ = end_ = 0;
  prefix_filled_ = 0;
}

void frame_receiver::grow_large() {
  large_capacity_ = std::min(*large_length_, large_filled_ * large_growth);
  auto larger = make_large();
  std::memcpy(larger.bytes.get(), large_.bytes.get(), large_filled_);
  large_ = std::move(larger);
}

// One that will be kept has room for a somewhat longer frame.
recycled_buffers::buffer frame_receiver::make_large() const {
  const bool is_kept = kept_.most() > 0 && large_capacity_ == *large_length_;
  const std::size_t bytes = large_capacity_ + (is_kept ? large_capacity_ / 8 : 0);
  return {detail::make_buffer(bytes), bytes};
}

std::optional<frame> frame_receiver::finish_large() {
  if (large_filled_ < *large_length_) {
    return std::nullopt;
  }
  const mutable_bytes payload(large_.bytes.get(), *large_length_);
  kept_.keep(large_);
  expect_like(payload.size());
  large_length_.reset();
  large_capacity_ = 0;
  return frame{std::move(large_.bytes), payload, {}};
}

mutable_bytes frame_receiver::space() {
  if (large_length_) {
    if (large_filled_ == large_capacity_) {
      grow_large();
    }
    return {large_.bytes.get() + large_filled_, large_capacity_ - large_filled_};
  }
  const std::size_t arrived = end_ - begin_;
  if (arrived == 0 && reads_length_alone_) {
    return mutable_bytes(prefix_).subspan(prefix_filled_);
  }
  std::size_t needed = std::max(arrived + 1, least_room_bytes);
  if (arrived >=
      length_bytes) {  // next() has found the length good, and that the frame fits into a chunk
    needed = length_bytes +
             static_cast<std::size_t>(load_big_endian<std::int32_t>(chunk_.get() + begin_));
  }
  // What no frame shares any more is filled from its beginning again, when much of it is cut.
  const bool is_spent = chunk_.use_count() == 1 && begin_ >= chunk_capacity_ / 2;
  if (is_spent || chunk_ == nullptr || chunk_capacity_ - begin_ < needed) {
    renew_chunk();
  }
  return {chunk_.get() + end_, chunk_capacity_ - end_};
}

void frame_receiver::renew_chunk() {
  const std::size_t arrived = end_ - begin_;
  const std::size_t wanted = next_chunk_bytes();
  if (chunk_.use_count() == 1 && chunk_capacity_ == wanted) {
    std::memmove(chunk_.get(), chunk_.get() + begin_, arrived);
  } else {
    auto fresh = detail::make_buffer(wanted);
    if (arrived != 0) {
      std::memcpy(fresh.get(), chunk_.get() + begin_, arrived);
    }
    chunk_ = std::move(fresh);
    chunk_capacity_ = wanted;
  }
  begin_ = 0;
  end_ = arrived;
}

void frame_receiver::received(std::size_t count) {
  if (large_length_) {
    large_filled_ += count;
  } else if (begin_ == end_ && reads_length_alone_) {
    prefix_filled_ += count;
  } else {
    end_ += count;
  }
}

void frame_receiver::rest() {
  // A chunk that frames still share is kept: it costs nothing more, and has room for the next ones.
  if (chunk_ == nullptr || chunk_.use_count() > 1) {
    return;
  }
  const std::size_t arrived = end_ - begin_;
  if (arrived == 0) {
    chunk_.reset();
    chunk_capacity_ = begin_ = end_ = 0;
  } else if (arrived <= parked_bytes && chunk_capacity_ >= chunk_bytes) {
    auto parked = detail::make_buffer(arrived);
    std::memcpy(parked.get(), chunk_.get() + begin_, arrived);
    chunk_ = std::move(parked);
    chunk_capacity_ = end_ = arrived;
    begin_ = 0;
  }
}

bool frame_receiver::is_empty() const {
  return !large_length_ && prefix_filled_ == 0 && begin_ == end_;
}

std::size_t frame_receiver::held_bytes() const {
  return chunk_capacity_ + (large_length_ ? large_capacity_ : 0) + kept_.bytes();
}

}  // namespace barnabas::network
