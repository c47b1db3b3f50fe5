#include "wire.h"

#include <fmt/format.h>

#include "base/endian.h"
#include "plan.h"
#include "runtime/timer_queue.h"

namespace barnabas::trial {
namespace {

constexpr auto patience = std::chrono::seconds(2);
constexpr std::int32_t largest_frame_bytes = 64 << 20;

// Closes the stream when an operation takes too long.
class time_limit final : public runtime::timer {
 public:
  explicit time_limit(runtime::stream& stream) : stream_(stream) {
    runtime::shard& here = runtime::shard::current();
    here.arm(*this, here.now() + patience);
  }
  void fired() override { stream_.close(); }

 private:
  runtime::stream& stream_;
};

}  // namespace

runtime::task<result<std::unique_ptr<wire>>> wire::open(runtime::world& world) {
  auto stream = co_await world.sockets().connect({broker_name, broker_port},
                                                 runtime::shard::current().now() + patience);
  if (!stream) {
    co_return fail(std::move(stream.error()));
  }
  co_return std::unique_ptr<wire>(new wire(std::move(*stream)));
}

std::vector<std::byte> wire::begin_frame(protocol::api_key key, std::int16_t version) {
  const bool is_flexible = protocol::api_of(key).request_header_version(version) == 2;
  constexpr std::int16_t no_client_id = -1;
  std::vector<std::byte> frame(is_flexible ? 15 : 14);
  store_big_endian(frame.data() + 4, static_cast<std::int16_t>(key));
  store_big_endian(frame.data() + 6, version);
  store_big_endian(frame.data() + 8, ++sent_);
  store_big_endian(frame.data() + 12, no_client_id);
  return frame;
}

runtime::task<result<>> wire::send_frame(std::vector<std::byte> frame) {
  store_big_endian(frame.data(), static_cast<std::int32_t>(frame.size() - 4));
  const time_limit limit(*stream_);
  const bytes_view part = frame;
  co_return co_await stream_->write(std::span(&part, 1));
}

runtime::task<result<>> wire::read_exactly(mutable_bytes into) {
  const time_limit limit(*stream_);
  while (!into.empty()) {
    const auto got = co_await stream_->read_some(into);
    if (!got) {
      co_return fail(got.error());
    }
    if (*got == 0) {
      co_return fail(error_code::network_exception, "the broker has closed the connection");
    }
    into = into.subspan(*got);
  }
  co_return result<>{};
}

runtime::task<result<bytes_view>> wire::receive_body(protocol::api_key key, std::int16_t version) {
  std::array<std::byte, 4> length{};
  if (auto read = co_await read_exactly(length); !read) {
    co_return fail(std::move(read.error()));
  }
  const auto size = load_big_endian<std::int32_t>(length.data());
  const int header_version = protocol::api_of(key).response_header_version(version);
  const std::size_t header_bytes = header_version == 1 ? 5 : 4;
  if (size < static_cast<std::int32_t>(header_bytes) || size > largest_frame_bytes) {
    co_return fail(error_code::invalid_request, fmt::format("a response of {} bytes", size));
  }
  frame_.resize(static_cast<std::size_t>(size));
  if (auto read = co_await read_exactly(frame_); !read) {
    co_return fail(std::move(read.error()));
  }
  if (load_big_endian<std::int32_t>(frame_.data()) != ++received_) {
    co_return fail(error_code::invalid_request, "a response out of order");
  }
  co_return bytes_view(frame_).subspan(header_bytes);
}

}  // namespace barnabas::trial
