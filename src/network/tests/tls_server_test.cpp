#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "network/tests/echo_server.h"
#include "security/tls_stream.h"

// The data: BARNABAS_TEST_DATA.
namespace barnabas::network {
namespace {

using namespace std::chrono_literals;
using runtime::task;

security::tls_store store(const std::string& name) {
  std::ifstream in(BARNABAS_TEST_DATA "/security/" + name, std::ios::binary);
  return {.setting = name, .content = std::string(std::istreambuf_iterator<char>(in), {})};
}

server::tls_by_listener with_certificates() {
  return {{"SSL",
           {.trust = store("root.pem"),
            .certificate = store("broker.pem"),
            .key = store("broker.key"),
            .verifies_server = false,
            .clients = security::client_authentication::requested}}};
}

// Tells each client its name, whatever it says.
task<> tell_name(connection& it) {
  while (auto frame = co_await it.read_frame()) {
    it.request_started();
    outgoing_frame answer = answer_of(it.peer_name());
    const outgoing_frame* answers[] = {&answer};
    co_await it.write(answers);
    it.request_finished();
  }
}

struct tls_server {
  explicit tls_server(runtime::world& world, server_limits limits = {})
      : world(world),
        it(world, *parse_listeners("SSL://127.0.0.1:0", ""), std::move(limits), tell_name, {},
           with_certificates()) {}

  task<> start() {
    const auto read = co_await it.read_certificates();
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_TRUE(it.listen());
    it.start();
  }
  task<std::unique_ptr<runtime::stream>> connect() {
    auto stream = co_await world.sockets().connect(it.addresses().front().at,
                                                   runtime::shard::current().now() + 5s);
    EXPECT_TRUE(stream);
    co_return std::move(*stream);
  }

  runtime::world& world;
  server it;
};

task<test_client> connect_with(tls_server& to, const security::tls_settings& settings) {
  runtime::shard& here = runtime::shard::current();
  const auto context =
      security::tls_context::make(security::tls_role::client, settings, here.wall_clock_ms());
  EXPECT_TRUE(context) << context.error().message;
  auto below = co_await to.connect();
  auto made =
      co_await security::tls_stream::open(std::move(below), *context, "127.0.0.1", here.now() + 5s);
  EXPECT_TRUE(made) << made.error().message;
  co_return test_client(std::move(*made));
}

task<> clients_have_names(runtime::world& world) {
  tls_server server(world);
  co_await server.start();
  security::tls_settings settings{.trust = store("root.pem")};
  {
    test_client unknown = co_await connect_with(server, settings);
    co_await unknown.send(frame_of("who am I"));
    EXPECT_EQ(co_await unknown.receive(4), std::string(4, '\0'));
    settings.certificate = store("client.pem");
    settings.key = store("client.key");
    test_client known = co_await connect_with(server, settings);
    co_await known.send(frame_of("who am I"));
    EXPECT_EQ((co_await known.receive(4 + 20)).substr(4), "CN=Client,O=Barnabas");
  }
  co_await server.it.stop(200ms);
  EXPECT_EQ(server.it.connection_count(), 0u);
}

TEST(tls_server, knows_its_clients_by_their_certificates) {
  with_world(clients_have_names);
}

task<> garbage_and_silence(runtime::world& world) {
  tls_server server(world, {.idle_time = 300ms});
  co_await server.start();
  {
    test_client wrong(co_await server.connect());
    co_await wrong.send(frame_of("no TLS at all"));
    const std::string alert = co_await wrong.receive(100);
    EXPECT_TRUE(alert.empty() || alert.starts_with("\x15\x03")) << "an alert, and the end";
    test_client silent(co_await server.connect());
    EXPECT_EQ(co_await silent.receive(1), "") << "closed when it was silent for too long";
  }
  co_await runtime::sleep_for(100ms);
  EXPECT_EQ(server.it.connection_count(), 0u);
  co_await server.it.stop(200ms);
}

TEST(tls_server, waits_for_no_handshake_longer_than_for_an_idle_connection) {
  with_world(garbage_and_silence);
}

task<> stop_in_a_handshake(runtime::world& world) {
  tls_server server(world);
  co_await server.start();
  const auto silent = co_await server.connect();
  co_await runtime::sleep_for(50ms);
  const auto began = runtime::shard::current().now();
  co_await server.it.stop(200ms);
  EXPECT_LT(runtime::shard::current().now() - began, 5s);
}

TEST(tls_server, stops_while_somebody_shakes_hands) {
  with_world(stop_in_a_handshake);
}

task<> unreadable(runtime::world& world) {
  auto settings = with_certificates();
  settings.at("SSL").key = store("client.key");
  server it(world, *parse_listeners("SSL://127.0.0.1:0", ""), {}, tell_name, {}, settings);
  const auto read = co_await it.read_certificates();
  EXPECT_FALSE(read);
  EXPECT_THAT(read.error().message, testing::HasSubstr("listener SSL: client.key: the key does "
                                                       "not belong to the certificate"));
}

TEST(tls_server, says_which_certificate_is_wrong) {
  with_world(unreadable);
}

}  // namespace
}  // namespace barnabas::network
