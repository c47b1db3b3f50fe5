// The input's first bytes say in what pieces the rest arrives; frame_receiver must cut the same
// frames out of it as a few lines that have all of it at hand, hold no more than it may, and end at
// the same length that cannot be.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/endian.h"
#include "base/ensure.h"
#include "network/frame_receiver.h"

namespace barnabas::network {
namespace {

constexpr std::int32_t limit_bytes = 1 << 20;
constexpr std::size_t most_held_bytes = std::size_t{200} << 10;

// The next frame of the whole stream; nothing at its end or at a bad length.
std::optional<bytes_view> expected_frame(bytes_view& stream) {
  if (stream.size() < 4) {
    return std::nullopt;
  }
  const auto length = load_big_endian<std::int32_t>(stream.data());
  if (length < 0 || length > limit_bytes || stream.size() - 4 < static_cast<std::size_t>(length)) {
    return std::nullopt;
  }
  const bytes_view frame = stream.subspan(4, static_cast<std::size_t>(length));
  stream = stream.subspan(4 + frame.size());
  return frame;
}

// False when the receiver has refused a length.
bool take_frames(frame_receiver& receiver, bytes_view& expected) {
  while (true) {
    const auto next = receiver.next();
    if (!next) {
      const auto length = load_big_endian<std::int32_t>(expected.data());
      ensure(length < 0 || length > limit_bytes, "a good length was refused");
      return false;
    }
    if (!*next) {
      return true;
    }
    const auto frame = expected_frame(expected);
    ensure(frame && std::ranges::equal(*frame, (*next)->payload), "another frame");
  }
}

void receive(bytes_view pieces, bytes_view stream) {
  frame_receiver receiver(limit_bytes);
  bytes_view expected = stream;
  std::size_t arrived = 0;
  for (std::size_t i = 0; !stream.empty(); ++i) {
    if (!take_frames(receiver, expected)) {
      return;
    }
    const auto rule = pieces.empty() ? 255u : std::to_integer<unsigned>(pieces[i % pieces.size()]);
    if (rule % 2 == 0) {
      receiver.rest();
    }
    const mutable_bytes space = receiver.space();
    ensure(!space.empty(), "nowhere to read to");
    const std::size_t count =
        std::min({space.size(), stream.size(), std::size_t{1} + rule * rule / 2});
    std::copy_n(stream.begin(), count, space.begin());
    receiver.received(count);
    stream = stream.subspan(count);
    arrived += count;
    ensure(receiver.held_bytes() <= std::max(most_held_bytes, 8 * arrived),
           "memory by an announced length");
  }
  if (take_frames(receiver, expected)) {
    ensure(!expected_frame(expected), "a frame is missing");
  }
}

}  // namespace
}  // namespace barnabas::network

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const barnabas::bytes_view input(reinterpret_cast<const std::byte*>(data), size);
  const std::size_t pieces = std::min<std::size_t>(size, 8);
  barnabas::network::receive(input.first(pieces), input.subspan(pieces));
  return 0;
}
