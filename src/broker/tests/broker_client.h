// A client of a whole broker in a simulated world: one connection, one request after the other. It
// names itself in its requests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/endian.h"
#include "network/tests/test_client.h"
#include "protocol/api_keys.h"
#include "protocol/message_bytes.h"
#include "runtime/shard.h"
#include "runtime/world.h"

namespace barnabas::broker {

class broker_client {
 public:
  static runtime::task<broker_client> open(runtime::world& world, std::string id) {
    auto stream = co_await world.sockets().connect(
        {"127.0.0.1", 9092}, runtime::shard::current().now() + std::chrono::seconds(5));
    co_return broker_client(std::move(*stream), std::move(id));
  }
  template <class Response, class Request>
  runtime::task<Response> ask(Request request, std::int16_t version) {
    std::vector<std::byte> frame(14 + id_.size());
    store_big_endian(frame.data() + 4, static_cast<std::int16_t>(Request::api));
    store_big_endian(frame.data() + 6, version);
    store_big_endian(frame.data() + 8, std::int32_t{1});
    store_big_endian(frame.data() + 12, static_cast<std::int16_t>(id_.size()));
    std::ranges::copy(as_bytes(id_), frame.begin() + 14);
    const auto& api = protocol::api_of(Request::api);
    if (api.request_header_version(version) == 2) {
      frame.push_back({});
    }
    EXPECT_TRUE(protocol::append_bytes(frame, request, version));
    store_big_endian(frame.data(), static_cast<std::int32_t>(frame.size() - 4));
    (void)co_await it_.send(frame);
    answer_ = co_await it_.receive_frame();
    const std::size_t header = api.response_header_version(version) == 1 ? 5 : 4;
    auto response = protocol::from_bytes<Response>(
        as_bytes(answer_).subspan(std::min(header, answer_.size())), version);
    EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().message);
    co_return response ? *response : Response();
  }
  network::test_client& raw() { return it_; }

 private:
  broker_client(std::unique_ptr<runtime::stream> stream, std::string id)
      : it_(std::move(stream)), id_(std::move(id)) {}
  network::test_client it_;
  std::string id_;
  std::string answer_;  // what the last response's views point to
};

}  // namespace barnabas::broker
