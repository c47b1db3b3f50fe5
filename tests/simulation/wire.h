// One connection to the broker under test, of a client's own make: requests are sent one after the
// other, responses are taken in the same order. Every call has a deadline, after which the
// connection is closed and the call fails. Lives on its machine's shard. A response's views live
// until the next receive().
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/result.h"
#include "protocol/api_keys.h"
#include "protocol/message_bytes.h"
#include "runtime/socket.h"
#include "runtime/world.h"

namespace barnabas::trial {

class wire {
 public:
  static runtime::task<result<std::unique_ptr<wire>>> open(runtime::world& world);

  template <class Request>
  runtime::task<result<>> send(const Request& request, std::int16_t version) {
    std::vector<std::byte> frame = begin_frame(Request::api, version);
    if (auto written = protocol::append_bytes(frame, request, version); !written) {
      co_return written;
    }
    co_return co_await send_frame(std::move(frame));
  }
  template <class Response>
  runtime::task<result<Response>> receive(std::int16_t version) {
    auto body = co_await receive_body(Response::api, version);
    if (!body) {
      co_return fail(std::move(body.error()));
    }
    co_return protocol::from_bytes<Response>(*body, version);
  }
  template <class Response, class Request>
  runtime::task<result<Response>> ask(const Request& request, std::int16_t version) {
    if (auto sent = co_await send(request, version); !sent) {
      co_return fail(std::move(sent.error()));
    }
    co_return co_await receive<Response>(version);
  }

 private:
  explicit wire(std::unique_ptr<runtime::stream> stream) : stream_(std::move(stream)) {}
  std::vector<std::byte> begin_frame(protocol::api_key key, std::int16_t version);
  runtime::task<result<>> send_frame(std::vector<std::byte> frame);
  runtime::task<result<bytes_view>> receive_body(protocol::api_key key, std::int16_t version);
  runtime::task<result<>> read_exactly(mutable_bytes into);

  std::unique_ptr<runtime::stream> stream_;
  std::int32_t sent_ = 0;
  std::int32_t received_ = 0;
  std::vector<std::byte> frame_;
};

}  // namespace barnabas::trial
