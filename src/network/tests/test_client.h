// A client that speaks to a server in raw bytes and frames.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/endian.h"
#include "network/outgoing_frame.h"
#include "runtime/socket.h"
#include "runtime/task.h"

namespace barnabas::network {

using bytes = std::vector<std::byte>;

inline bytes frame_of(std::string_view text) {
  bytes out(4 + text.size());
  store_big_endian(out.data(), static_cast<std::int32_t>(text.size()));
  std::ranges::copy(as_bytes(text), out.begin() + 4);
  return out;
}

inline outgoing_frame answer_of(std::string_view text) {
  const bytes frame = frame_of(text);
  return {{frame.begin(), frame.end()}, {}};
}

class test_client {
 public:
  explicit test_client(std::unique_ptr<runtime::stream> stream) : stream_(std::move(stream)) {}

  runtime::task<bool> send(bytes_view raw) {
    co_return (co_await stream_->write(std::span(&raw, 1))).has_value();
  }
  // Exactly so many bytes; fewer when the server closes.
  runtime::task<std::string> receive(std::size_t count) {
    std::string text(count, '\0');
    std::size_t filled = 0;
    while (filled < count) {
      const mutable_bytes into(reinterpret_cast<std::byte*>(text.data()) + filled, count - filled);
      const auto got = co_await stream_->read_some(into);
      if (!got || *got == 0) {
        break;
      }
      filled += *got;
    }
    text.resize(filled);
    co_return text;
  }
  runtime::task<std::string> receive_frame() {
    const std::string length = co_await receive(4);
    if (length.size() < 4) {
      co_return "closed";
    }
    co_return co_await receive(
        static_cast<std::size_t>(load_big_endian<std::int32_t>(as_bytes(length).data())));
  }
  // Whether the server has closed; waits for it.
  runtime::task<bool> is_closed() { co_return (co_await receive(1)).empty(); }
  runtime::stream& stream() { return *stream_; }

 private:
  std::unique_ptr<runtime::stream> stream_;
};

}  // namespace barnabas::network
