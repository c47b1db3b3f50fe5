#include "network/frame_receiver.h"

#include <gtest/gtest.h>

#include <random>

#include "base/endian.h"

namespace barnabas::network {
namespace {

constexpr std::int32_t limit_bytes = 10 << 20;

using payload = std::vector<std::byte>;

payload make_payload(std::size_t size, unsigned seed = 0) {
  payload bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(seed + i * 31 + (i >> 8));
  }
  return bytes;
}

void append_frame(payload& to, const payload& body) {
  std::array<std::byte, 4> length;
  store_big_endian(length.data(), static_cast<std::int32_t>(body.size()));
  to.insert(to.end(), length.begin(), length.end());
  to.insert(to.end(), body.begin(), body.end());
}

payload frames_of(const std::vector<payload>& bodies) {
  payload all;
  for (const payload& body : bodies) {
    append_frame(all, body);
  }
  return all;
}

// Gives the bytes as far as there is space, and takes what frames there are.
void feed(frame_receiver& to, bytes_view bytes, std::vector<frame>& out) {
  while (true) {
    auto next = to.next();
    ASSERT_TRUE(next) << next.error().message;
    if (*next) {
      out.push_back(std::move(**next));
      continue;
    }
    if (bytes.empty()) {
      return;
    }
    const mutable_bytes space = to.space();
    ASSERT_FALSE(space.empty());
    const std::size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.begin(), count, space.begin());
    to.received(count);
    bytes = bytes.subspan(count);
  }
}

void expect_frames(const std::vector<frame>& got, const std::vector<payload>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(got[i].payload, expected[i])) << "frame " << i;
  }
}

TEST(frame_receiver, frames_split_at_every_byte_arrive_whole) {
  const std::vector<payload> bodies{make_payload(0), make_payload(1, 1), make_payload(100, 2),
                                    make_payload(1025, 3), make_payload(3000, 4)};
  const payload all = frames_of(bodies);
  for (std::size_t split = 0; split <= all.size(); ++split) {
    frame_receiver receiver(limit_bytes);
    std::vector<frame> got;
    feed(receiver, bytes_view(all).first(split), got);
    receiver.rest();
    feed(receiver, bytes_view(all).subspan(split), got);
    expect_frames(got, bodies);
    EXPECT_TRUE(receiver.is_empty());
  }
}

TEST(frame_receiver, large_frames_split_around_their_edges_arrive_whole) {
  const std::vector<payload> bodies{make_payload(70'000), make_payload(40'000, 1),
                                    make_payload(140'000, 2), make_payload(10, 3),
                                    make_payload(65'530, 4)};
  const payload all = frames_of(bodies);
  std::size_t edge = 0;
  for (const payload& body : bodies) {
    edge += body.size() + 4;
    for (std::size_t split = edge < 8 ? 0 : edge - 8; split <= std::min(edge + 8, all.size());
         ++split) {
      frame_receiver receiver(limit_bytes);
      std::vector<frame> got;
      feed(receiver, bytes_view(all).first(split), got);
      receiver.rest();
      feed(receiver, bytes_view(all).subspan(split), got);
      expect_frames(got, bodies);
    }
  }
}

TEST(frame_receiver, byte_by_byte) {
  const std::vector<payload> bodies{make_payload(50'000), make_payload(700, 1),
                                    make_payload(80'000, 2)};
  const payload all = frames_of(bodies);
  frame_receiver receiver(limit_bytes);
  std::vector<frame> got;
  for (const std::byte& byte : all) {
    feed(receiver, bytes_view(&byte, 1), got);
    receiver.rest();
  }
  expect_frames(got, bodies);
}

TEST(frame_receiver, any_sizes_in_any_pieces) {
  std::mt19937 random(7);
  for (int round = 0; round < 8; ++round) {
    std::vector<payload> bodies;
    for (unsigned i = 0; i < 40; ++i) {
      const std::size_t most = std::array<std::size_t, 4>{200, 3000, 50'000, 400'000}[random() % 4];
      bodies.push_back(make_payload(random() % most, i));
    }
    const payload all = frames_of(bodies);
    frame_receiver receiver(limit_bytes);
    std::vector<frame> got;
    for (bytes_view rest = all; !rest.empty();) {
      const std::size_t piece =
          std::min<std::size_t>(rest.size(), 1 + random() % (round % 2 == 0 ? 200'000 : 9'000));
      feed(receiver, rest.first(piece), got);
      rest = rest.subspan(piece);
      if (random() % 2 == 0) {
        receiver.rest();
      }
    }
    expect_frames(got, bodies);
    EXPECT_TRUE(receiver.is_empty());
  }
}

TEST(frame_receiver, frames_of_a_packet_share_its_buffer_and_tiny_ones_are_copied) {
  frame_receiver receiver(limit_bytes);
  std::vector<frame> got;
  feed(receiver, frames_of({make_payload(2000), make_payload(2000, 1), make_payload(20, 2)}), got);
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got[0].buffer, got[1].buffer);
  EXPECT_EQ(got[0].payload.data() + 2004, got[1].payload.data());
  EXPECT_NE(got[2].buffer, got[1].buffer);
}

TEST(frame_receiver, large_frames_in_a_row_go_straight_to_their_buffers) {
  frame_receiver receiver(limit_bytes);
  std::vector<frame> got;
  feed(receiver, frames_of({make_payload(132'000)}), got);
  EXPECT_EQ(receiver.space().size(), 4u);
  std::array<std::byte, 4> length;
  store_big_endian(length.data(), std::int32_t{130'000});
  feed(receiver, length, got);
  EXPECT_EQ(receiver.space().size(), 130'000u);
}

TEST(frame_receiver, buffers_of_large_frames_are_used_again_when_some_are_kept) {
  frame_receiver receiver(limit_bytes, "limit", 2);
  const std::vector<payload> bodies{make_payload(400'000), make_payload(410'000, 1),
                                    make_payload(405'000, 2)};
  std::vector<frame> got;
  feed(receiver, frames_of({bodies[0]}), got);
  feed(receiver, frames_of({bodies[1]}), got);
  const std::byte* const first = got[0].payload.data();
  EXPECT_NE(got[1].payload.data(), first);
  got.erase(got.begin());
  feed(receiver, frames_of({bodies[2]}), got);
  EXPECT_EQ(got[1].payload.data(), first);
  expect_frames(got, {bodies[1], bodies[2]});
  got.clear();
  EXPECT_GT(receiver.held_bytes(), 800'000u);
  feed(receiver, frames_of({make_payload(10)}), got);
  EXPECT_LT(receiver.held_bytes(), 100'000u);
}

TEST(frame_receiver, several_long_frames_arrive_by_one_read_and_share_their_buffer) {
  frame_receiver receiver(limit_bytes);
  std::vector<frame> got;
  const std::vector<payload> bodies{make_payload(66'000), make_payload(66'000, 1),
                                    make_payload(66'000, 2), make_payload(66'000, 3)};
  feed(receiver, frames_of({bodies[0]}), got);
  const payload rest = frames_of({bodies.begin() + 1, bodies.end()});
  ASSERT_GE(receiver.space().size(), rest.size());
  feed(receiver, rest, got);
  expect_frames(got, bodies);
  EXPECT_EQ(got[1].buffer, got[3].buffer);
}

TEST(frame_receiver, a_buffer_that_no_frame_shares_is_filled_again_from_its_beginning) {
  frame_receiver receiver(limit_bytes);
  std::vector<frame> got;
  feed(receiver, frames_of({make_payload(66'000), make_payload(66'000), make_payload(66'000)}),
       got);
  const std::byte* const begin = got[1].payload.data() - 4;
  const std::size_t held = receiver.held_bytes();
  const payload next = make_payload(66'000, 1);
  const payload bytes = frames_of({next});
  feed(receiver, bytes_view(bytes).first(1000), got);
  got.clear();
  EXPECT_EQ(receiver.space().data(), begin + 1000);
  feed(receiver, bytes_view(bytes).subspan(1000), got);
  expect_frames(got, {next});
  EXPECT_EQ(receiver.held_bytes(), held);
}

TEST(frame_receiver, refuses_lengths_below_zero_and_over_the_limit) {
  for (const std::int32_t length : {-1, std::numeric_limits<std::int32_t>::min(), limit_bytes + 1,
                                    std::numeric_limits<std::int32_t>::max()}) {
    for (const bool after_large : {false, true}) {
      frame_receiver receiver(limit_bytes);
      std::vector<frame> got;
      if (after_large) {
        feed(receiver, frames_of({make_payload(40'000)}), got);
      }
      store_big_endian(receiver.space().data(), length);
      receiver.received(4);
      const auto next = receiver.next();
      ASSERT_FALSE(next);
      EXPECT_EQ(next.error().code, error_code::invalid_request);
      EXPECT_NE(next.error().message.find(std::to_string(length)), std::string::npos);
      EXPECT_LT(receiver.held_bytes(), 65u << 10);
    }
  }
}

TEST(frame_receiver, an_announced_length_takes_memory_only_as_its_bytes_arrive) {
  frame_receiver receiver(limit_bytes);
  std::vector<frame> got;
  payload start(4);
  store_big_endian(start.data(), limit_bytes);
  feed(receiver, start, got);
  EXPECT_LE(receiver.held_bytes(), 200u << 10);
  std::size_t arrived = 0;
  const payload piece = make_payload(50'000);
  while (got.empty()) {
    feed(receiver, bytes_view(piece).first(std::min(piece.size(), limit_bytes - arrived)), got);
    arrived += piece.size();
    EXPECT_LE(receiver.held_bytes(), std::max(arrived * 8, std::size_t{200} << 10));
  }
  EXPECT_EQ(got.front().payload.size(), static_cast<std::size_t>(limit_bytes));
}

TEST(frame_receiver, holds_nothing_between_frames_and_little_inside_one) {
  frame_receiver receiver(limit_bytes);
  std::vector<frame> got;
  const payload all = frames_of({make_payload(2000)});
  feed(receiver, bytes_view(all).first(1000), got);
  receiver.rest();
  EXPECT_EQ(receiver.held_bytes(), 1000u);
  feed(receiver, bytes_view(all).subspan(1000), got);
  got.clear();
  receiver.rest();
  EXPECT_EQ(receiver.held_bytes(), 0u);
  EXPECT_TRUE(receiver.is_empty());
}

}  // namespace
}  // namespace barnabas::network
