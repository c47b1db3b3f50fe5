// A server on a free port of 127.0.0.1; without another handler it answers each frame with itself.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "network/server.h"
#include "network/tests/test_client.h"
#include "network/tests/test_world.h"
#include "runtime/wait.h"

namespace barnabas::network {

inline runtime::task<> echo(connection& it) {
  while (auto frame = co_await it.read_frame()) {
    it.request_started();
    outgoing_frame answer = answer_of(as_text(frame->payload));
    const outgoing_frame* answers[] = {&answer};
    co_await it.write(answers);
    it.request_finished();
  }
}

struct test_server {
  test_server(runtime::world& world, server_limits limits, server::handler handler = echo)
      : world(world),
        it(world, *parse_listeners("PLAINTEXT://127.0.0.1:0", ""), std::move(limits),
           std::move(handler)) {
    EXPECT_TRUE(it.listen());
    it.start();
  }
  runtime::task<test_client> connect() {
    auto stream = co_await world.sockets().connect(
        it.addresses().front().at, runtime::shard::current().now() + std::chrono::seconds(5));
    EXPECT_TRUE(stream);
    co_return test_client(std::move(*stream));
  }
  runtime::task<> stop() { co_await it.stop(std::chrono::milliseconds(200)); }

  runtime::world& world;
  server it;
};

}  // namespace barnabas::network
