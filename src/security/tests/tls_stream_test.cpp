#include "security/tls_stream.h"

#include "runtime/simulated/simulation.h"
#include "test_stores.h"

// The data: BARNABAS_TEST_DATA.
namespace barnabas::security {
namespace {

using namespace std::chrono_literals;
using runtime::task;
using stream_ptr = std::unique_ptr<tls_stream>;
using outcome = result<stream_ptr>;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string pattern(std::size_t length) {
  std::string text(length, '\0');
  for (std::size_t i = 0; i < length; ++i) {
    text[i] = static_cast<char>(i * 31 + i / 251);
  }
  return text;
}

runtime::steady_time soon() {
  return runtime::shard::current().now() + 10s;
}

// A client and a server with their settings, and what they do with their streams.
class tls_world {
 public:
  using side = std::function<task<>(outcome)>;

  explicit tls_world(runtime::simulated::simulation_options options = {}) : sim(1, options) {
    for (auto* each : {&client_machine, &server_machine}) {
      each->set_clock_offset(std::chrono::milliseconds(day_of_tests_ms - each->wall_clock_ms()));
    }
  }
  tls_settings client = client_settings();
  tls_settings server = server_settings();
  std::string host = "broker";

  void run(side client_does, side server_does, int connections = 1) {
    const tls_context at_client = context_of(tls_role::client, client);
    const tls_context at_server = context_of(tls_role::server, server);
    server_machine.start(
        [=](runtime::world& world) { return serve(world, at_server, server_does, connections); });
    client_machine.start([=, this](runtime::world& world) {
      return connect(world, at_client, host, client_does, connections);
    });
    EXPECT_TRUE(sim.run_until(
        [this] { return !client_machine.is_running() && !server_machine.is_running(); }, 60s))
        << "it hangs";
  }

  runtime::simulated::simulation sim;
  runtime::simulated::machine& server_machine = sim.add_machine("broker", 1);
  runtime::simulated::machine& client_machine = sim.add_machine("client", 1);

 private:
  static task<> serve(runtime::world& world, tls_context context, side does, int connections) {
    auto listener = world.sockets().listen({"", 9093}, 16);
    for (int i = 0; i < connections; ++i) {
      auto accepted = co_await (*listener)->accept(runtime::shard::current());
      co_await does(co_await tls_stream::open(std::move(*accepted), context, "", soon()));
    }
  }
  static task<> connect(runtime::world& world, tls_context context, std::string host, side does,
                        int connections) {
    for (int i = 0; i < connections; ++i) {
      auto connected = co_await world.sockets().connect({"broker", 9093}, soon());
      co_await does(co_await tls_stream::open(std::move(*connected), context, host, soon()));
    }
  }
};

task<std::string> read_all(runtime::stream& from, std::size_t length) {
  std::string text(length, '?');
  std::size_t done = 0;
  while (done < length) {
    const auto got = co_await from.read_some(std::as_writable_bytes(std::span(text)).subspan(done));
    if (!got || *got == 0) {
      break;
    }
    done += *got;
  }
  text.resize(done);
  co_return text;
}

task<> write_text(runtime::stream& to, const std::string& text) {
  // Small and large parts in turns, and an empty one.
  std::vector<bytes_view> parts{{}};
  const bytes_view all = as_bytes(text);
  for (std::size_t at = 0, step = 7; at < all.size(); at += step, step = step * 5 % 30'011 + 1) {
    parts.push_back(all.subspan(at, std::min(step, all.size() - at)));
    if (at + step >= all.size()) {
      break;
    }
  }
  const auto written = co_await to.write(parts);
  EXPECT_TRUE(written) << written.error().message;
}

task<> expect_end(runtime::stream& from) {
  std::byte byte{};
  const auto got = co_await from.read_some(std::span(&byte, 1));
  EXPECT_TRUE(got && *got == 0) << (got ? "data" : got.error().message);
}

task<> ask(outcome made, const std::string& text, bool ends = true) {
  EXPECT_TRUE(made) << made.error().message;
  if (made) {
    // At once: the server may have a ticket to send before it reads.
    runtime::task_group writing("writing");
    writing.spawn(write_text(**made, text));
    EXPECT_TRUE(co_await read_all(**made, text.size()) == text);
    if (ends) {
      co_await expect_end(**made);
    }
    co_await writing.join();
  }
}

task<> echo(outcome made, const std::string& text) {
  EXPECT_TRUE(made) << made.error().message;
  if (made) {
    const std::string got = co_await read_all(**made, text.size());
    EXPECT_TRUE(got == text);
    co_await write_text(**made, got);
  }
}

void converse(tls_world& world, const std::string& text, bool ends = true) {
  world.run([&](outcome made) { return ask(std::move(made), text, ends); },
            [&](outcome made) { return echo(std::move(made), text); });
}

TEST(tls_stream, carries_what_is_written_and_ends_when_the_peer_says_so) {
  for (const auto version : {tls_version::tls_1_2, tls_version::tls_1_3}) {
    tls_world world;
    world.client.lowest = world.client.highest = version;
    converse(world, pattern(1 << 20));
  }
}

TEST(tls_stream, does_not_care_where_bytes_are_cut) {
  for (const std::size_t window : {1, 2, 5, 100, 1000}) {
    tls_world world({.network = {1us, 2us}, .window_bytes = window});
    converse(world, pattern(2000), false);  // no window for a goodbye
  }
}

task<> keep(outcome made, outcome& into) {
  into = std::move(made);
  if (into) {  // TLS 1.3: the peer may refuse what the handshake has sent last
    std::byte byte{};
    if (const auto got = co_await (*into)->read_some(std::span(&byte, 1)); !got) {
      into = fail(got.error());
    }
  }
}
task<> note(outcome made, std::string& error, std::string& name) {
  error = made ? "" : made.error().message;
  name = made ? (*made)->peer_name() : "";
  co_return;
}

struct ending {
  std::string client;
  std::string server;
  std::string client_name;
};
ending handshake_of(tls_world& world) {
  outcome made = fail(error_code::none, "never");
  ending all;
  world.run([&](outcome it) { return keep(std::move(it), made); },
            [&](outcome it) { return note(std::move(it), all.server, all.client_name); });
  all.client = made ? "" : made.error().message;
  return all;
}

TEST(tls_stream, refuses_a_server_that_nobody_trusts) {
  tls_world world;
  world.client.trust = test_store("ssl.ca.location", "stranger.pem");
  const ending all = handshake_of(world);
  EXPECT_THAT(all.client,
              AllOf(StartsWith("broker:9093: its certificate CN=Broker,O=Barnabas"),
                    HasSubstr("is not trusted"), HasSubstr("(ssl.ca.location=stranger.pem)")));
  EXPECT_THAT(all.server, HasSubstr("unknown ca"));
}

TEST(tls_stream, refuses_a_server_of_another_name) {
  tls_world world;
  world.host = "elsewhere";
  EXPECT_THAT(handshake_of(world).client,
              HasSubstr("its certificate is for broker, localhost, 127.0.0.1, not for elsewhere"));
  tls_world numeric;
  numeric.host = "10.0.0.1";
  EXPECT_THAT(handshake_of(numeric).client, HasSubstr("not for 10.0.0.1"));
  tls_world lenient;
  lenient.host = "elsewhere";
  lenient.client.verifies_host = false;
  EXPECT_EQ(handshake_of(lenient).client, "");
}

TEST(tls_stream, knows_a_server_by_its_address) {
  tls_world world;
  world.host = "127.0.0.1";
  EXPECT_EQ(handshake_of(world).client, "");
}

TEST(tls_stream, refuses_an_expired_certificate) {
  tls_world world;
  for (auto* each : {&world.client_machine}) {
    each->set_clock_offset(std::chrono::hours(24 * 365 * 120));
  }
  EXPECT_THAT(handshake_of(world).client, HasSubstr("certificate has expired"));
}

TEST(tls_stream, refuses_a_revoked_certificate) {
  tls_world world;
  world.client.revocations = test_store("ssl.crl.location", "revoked.pem");
  EXPECT_THAT(handshake_of(world).client, HasSubstr("certificate revoked"));
}

TEST(tls_stream, trusts_anybody_when_told_so) {
  tls_world world;
  world.client.trust = {};
  world.client.verifies_server = false;
  world.host = "elsewhere";
  EXPECT_EQ(handshake_of(world).client, "");
}

TEST(tls_stream, both_sides_show_certificates) {
  for (const auto version : {tls_version::tls_1_2, tls_version::tls_1_3}) {
    tls_world world;
    world.client = client_with_certificate();
    world.client.highest = version;
    world.server.trust = test_store("ssl.truststore.location", "root.pem");
    world.server.clients = client_authentication::required;
    const ending all = handshake_of(world);
    EXPECT_EQ(all.client, "");
    EXPECT_EQ(all.client_name, "CN=Client,O=Barnabas");
  }
}

TEST(tls_stream, says_that_the_server_demands_a_certificate) {
  for (const auto version : {tls_version::tls_1_2, tls_version::tls_1_3}) {
    tls_world world;
    world.client.highest = version;
    world.server.trust = test_store("ssl.truststore.location", "root.pem");
    world.server.clients = client_authentication::required;
    const ending all = handshake_of(world);
    EXPECT_THAT(all.client, AllOf(HasSubstr("demands a certificate of the client"),
                                  HasSubstr("ssl.certificate.location")));
    EXPECT_THAT(all.server, HasSubstr("peer did not return a certificate"));
  }
}

TEST(tls_stream, finds_no_version_that_both_speak) {
  tls_world world;
  world.client.highest = tls_version::tls_1_2;
  world.server.lowest = tls_version::tls_1_3;
  EXPECT_THAT(handshake_of(world).client, HasSubstr("protocol version"));
}

task<> count_resumed(outcome made, int& resumed) {
  EXPECT_TRUE(made) << made.error().message;
  if (made) {
    resumed += (*made)->was_resumed() ? 1 : 0;
    const bytes_view hello = as_bytes("hello");
    EXPECT_TRUE(co_await (*made)->write(std::span(&hello, 1)));
    co_await read_all(**made, hello.size());
  }
}

TEST(tls_stream, resumes_the_session_of_the_connection_before) {
  for (const auto version : {tls_version::tls_1_2, tls_version::tls_1_3}) {
    tls_world world;
    world.client.highest = version;
    int resumed = 0;
    const std::string hello = "hello";
    world.run([&](outcome made) { return count_resumed(std::move(made), resumed); },
              [&](outcome made) { return echo(std::move(made), hello); }, 4);
    EXPECT_EQ(resumed, 3);
  }
}

// A server that is no TLS server: says something, then closes.
task<> say_and_close(runtime::world& world, std::string text) {
  auto listener = world.sockets().listen({"", 9093}, 16);
  auto accepted = co_await (*listener)->accept(runtime::shard::current());
  std::string heard(10, '?');
  co_await (*accepted)->read_some(std::as_writable_bytes(std::span(heard)));
  const bytes_view part = as_bytes(text);
  co_await (*accepted)->write(std::span(&part, 1));
  co_await runtime::sleep_for(1s);
}
task<> connect_only(runtime::world& world, tls_context context, std::string& error,
                    runtime::duration patience) {
  auto connected = co_await world.sockets().connect({"broker", 9093}, soon());
  const auto deadline = runtime::shard::current().now() + patience;
  const auto made = co_await tls_stream::open(std::move(*connected), context, "broker", deadline);
  error = made ? "" : made.error().message;
}
std::string error_after(const std::string& said, runtime::duration patience = 10s) {
  tls_world world;
  std::string error;
  const tls_context context = context_of(tls_role::client, world.client);
  world.server_machine.start([&](runtime::world& w) { return say_and_close(w, said); });
  world.client_machine.start(
      [&](runtime::world& w) { return connect_only(w, context, error, patience); });
  EXPECT_TRUE(world.sim.run_until([&] { return !world.client_machine.is_running(); }, 60s));
  return error;
}

TEST(tls_stream, says_that_the_server_speaks_no_tls) {
  EXPECT_THAT(error_after(""), HasSubstr("does that port speak TLS (security.protocol)?"));
  EXPECT_THAT(error_after(std::string("\0\0\0\5\0\0\0\1\0", 9)),
              HasSubstr("does that port speak TLS (security.protocol)?"));
  EXPECT_THAT(error_after("HTTP/1.1 400 Bad Request\r\n\r\n"), HasSubstr("security.protocol"));
}

TEST(tls_stream, keeps_the_deadline_of_a_handshake_that_nobody_answers) {
  EXPECT_THAT(error_after("", 500ms), HasSubstr("no TLS handshake in time"));
}

// Passes bytes on between a client and a server and stops after so many, or changes one of them.
struct meddler {
  std::size_t cut_at = ~std::size_t{0};
  std::size_t change_at = ~std::size_t{0};
};
task<> pass_on(runtime::stream& from, runtime::stream& to, meddler how) {
  std::string buffer(1000, '\0');
  for (std::size_t passed = 0;;) {
    const auto got = co_await from.read_some(std::as_writable_bytes(std::span(buffer)));
    if (!got || *got == 0) {
      break;
    }
    if (how.change_at >= passed && how.change_at < passed + *got) {
      buffer[how.change_at - passed] ^= 0x55;
    }
    const std::size_t length = std::min(*got, how.cut_at - passed);
    const bytes_view part = as_bytes(buffer).first(length);
    if (!co_await to.write(std::span(&part, 1)) || length < *got) {
      break;
    }
    passed += length;
  }
  from.close();
  to.close();
}
task<> meddle(runtime::world& world, meddler how) {
  auto listener = world.sockets().listen({"", 9094}, 16);
  auto client = co_await (*listener)->accept(runtime::shard::current());
  auto server = co_await world.sockets().connect({"broker", 9093}, soon());
  runtime::task_group both("both");
  both.spawn(pass_on(**client, **server, {}));
  both.spawn(pass_on(**server, **client, how));
  co_await both.join();
}
task<> server_of_text(runtime::world& world, tls_context context, const std::string& text) {
  auto listener = world.sockets().listen({"", 9093}, 16);
  auto accepted = co_await (*listener)->accept(runtime::shard::current());
  auto made = co_await tls_stream::open(std::move(*accepted), context, "", soon());
  if (made) {
    const bytes_view part = as_bytes(text);
    co_await (*made)->write(std::span(&part, 1));
  }
}
task<> client_of_text(runtime::world& world, tls_context context, std::string& got,
                      std::string& error) {
  auto connected = co_await world.sockets().connect({"between", 9094}, soon());
  auto made = co_await tls_stream::open(std::move(*connected), context, "broker", soon());
  error = made ? "" : made.error().message;
  while (made && error.empty()) {
    std::string some(100, '\0');
    const auto read = co_await (*made)->read_some(std::as_writable_bytes(std::span(some)));
    if (read && *read == 0) {
      co_return;
    }
    error = read ? "" : read.error().message;
    got += some.substr(0, read.value_or(0));
  }
}
// How much of a text arrives, and with which error.
std::pair<std::string, std::string> read_through(const meddler& how, const std::string& text) {
  tls_world world;
  auto& between = world.sim.add_machine("between", 1);
  std::string got;
  std::string error;
  const tls_context at_client = context_of(tls_role::client, world.client);
  const tls_context at_server = context_of(tls_role::server, world.server);
  world.server_machine.start([&](runtime::world& w) { return server_of_text(w, at_server, text); });
  between.start([&](runtime::world& w) { return meddle(w, how); });
  world.client_machine.start(
      [&](runtime::world& w) { return client_of_text(w, at_client, got, error); });
  EXPECT_TRUE(world.sim.run_until([&] { return !world.client_machine.is_running(); }, 60s));
  return {got, error};
}

TEST(tls_stream, tells_an_end_from_a_connection_that_was_cut_anywhere) {
  const std::string text = pattern(3000);
  EXPECT_EQ(read_through({}, text), (std::pair{text, std::string()}));
  for (std::size_t at = 0; at < 5600; at += 97) {
    const auto [got, error] = read_through({.cut_at = at}, text);
    if (error.empty()) {
      EXPECT_EQ(got, text) << at;
    } else {
      EXPECT_TRUE(text.starts_with(got)) << at;
      EXPECT_LT(at, 5000u) << error;
    }
  }
}

TEST(tls_stream, notices_any_byte_that_was_changed) {
  const std::string text = pattern(3000);
  int noticed = 0;
  for (std::size_t at = 0; at < 4000; at += 101) {
    const auto [got, error] = read_through({.change_at = at}, text);
    EXPECT_TRUE(text.starts_with(got)) << at;
    EXPECT_TRUE(!error.empty() || got == text) << at;
    noticed += error.empty() ? 0 : 1;
  }
  EXPECT_GT(noticed, 35);
}

task<> write_much(outcome made, std::size_t length, bool& is_done) {
  const std::string text = pattern(length);
  co_await write_text(**made, text);
  is_done = true;
  std::byte byte{};
  co_await (*made)->read_some(std::span(&byte, 1));
}
task<> read_late(outcome made, std::size_t length, const bool& is_done) {
  co_await runtime::sleep_for(5s);
  EXPECT_FALSE(is_done) << "the writer waits for the reader";
  EXPECT_TRUE(co_await (*made)->wait_readable());
  EXPECT_TRUE(co_await read_all(**made, length) == pattern(length));
}

TEST(tls_stream, a_writer_waits_for_a_slow_reader) {
  tls_world world;
  bool is_done = false;
  world.run([&](outcome made) { return write_much(std::move(made), 1 << 20, is_done); },
            [&](outcome made) { return read_late(std::move(made), 1 << 20, is_done); });
}

task<> send_a_file(outcome made, runtime::file_system& files, const std::string& text) {
  EXPECT_TRUE(files.replace_text("/log", text));
  const auto file = files.open("/log", runtime::open_mode::read).value();
  EXPECT_TRUE(co_await (*made)->send_file(*file, 1000, 200'000, false));
  EXPECT_FALSE(co_await (*made)->send_file(*file, 299'000, 2000, false)) << "the file ends before";
}
task<> expect_text(outcome made, const std::string& text) {
  EXPECT_TRUE(co_await read_all(**made, text.size()) == text);
}

TEST(tls_stream, sends_files) {
  tls_world world;
  const std::string text = pattern(300'000);
  const std::string sent = text.substr(1000, 200'000);
  world.run([&](outcome made) { return expect_text(std::move(made), sent); },
            [&](outcome made) {
              return send_a_file(std::move(made), world.server_machine.files(), text);
            });
}

}  // namespace
}  // namespace barnabas::security
