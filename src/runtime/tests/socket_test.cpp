#include "runtime/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <thread>

#include "runtime/task_group.h"
#include "runtime/tests/in_real_world.h"
#include "runtime/wait.h"

namespace barnabas::runtime {
namespace {

using stream_ptr = std::unique_ptr<stream>;

std::string pattern(std::size_t length) {
  std::string text(length, '\0');
  for (std::size_t i = 0; i < length; ++i) {
    text[i] = static_cast<char>(i * 31 + i / 251);
  }
  return text;
}

mutable_bytes room(std::string& text) {
  return std::as_writable_bytes(std::span(text));
}

steady_time soon_enough() {
  return shard::current().now() + std::chrono::seconds(20);
}

// Two ends of one connection.
struct ends {
  stream_ptr client;
  stream_ptr server;
};

task<> accept_into(listener& from, shard& home, stream_ptr& into) {
  auto accepted = co_await from.accept(home);
  EXPECT_TRUE(accepted) << accepted.error().message;
  into = std::move(*accepted);
}

task<ends> connected(real_world& world, std::string host = "127.0.0.1") {
  auto listening = world.sockets().listen({host, 0}, 16).value();
  ends both;
  task_group group("test");
  group.spawn(accept_into(*listening, shard::current(), both.server));
  auto made = co_await world.sockets().connect({host, listening->local().port}, soon_enough());
  EXPECT_TRUE(made) << made.error().message;
  both.client = std::move(*made);
  co_await group.join();
  EXPECT_EQ(both.client->peer(), both.server->local());
  EXPECT_EQ(both.client->local(), both.server->peer());
  co_return both;
}

task<std::string> read_exactly(stream& from, std::size_t length, std::size_t step = 100'000) {
  std::string text(length, '?');
  std::size_t done = 0;
  while (done < length) {
    const auto got =
        co_await from.read_some(room(text).subspan(done, std::min(step, length - done)));
    if (!got || *got == 0) {
      break;
    }
    done += *got;
  }
  text.resize(done);
  co_return text;
}

task<> write_text(stream& to, std::string text) {
  const std::vector<bytes_view> parts{
      as_bytes(text).first(text.size() / 2), {}, as_bytes(text).subspan(text.size() / 2)};
  const auto written = co_await to.write(parts);
  EXPECT_TRUE(written) << written.error().message;
}

task<> exchange_bytes(real_world& world) {
  for (const char* host : {"127.0.0.1", "::1", "localhost"}) {
    auto [client, server] = co_await connected(world, host);
    client->set_no_delay(true);
    std::string text(100, '?');
    EXPECT_EQ(server->try_read(room(text)).value(), std::nullopt);
    co_await write_text(*client, "hello");
    EXPECT_TRUE(co_await server->wait_readable());
    EXPECT_EQ(server->try_read(room(text)).value(), 5u);
    EXPECT_EQ(text.substr(0, 5), "hello");
    co_await write_text(*server, "answer");
    EXPECT_EQ(co_await read_exactly(*client, 6, 4), "answer");
    client.reset();
    EXPECT_EQ(co_await server->read_some(room(text)), 0u) << "the end";
    EXPECT_TRUE(co_await server->wait_readable()) << "the end is readable";
    EXPECT_EQ(server->try_read(room(text)).value(), 0u);
  }
}

TEST(socket, bytes_go_both_ways_over_ipv4_and_ipv6) {
  in_real_world(1, exchange_bytes);
}

task<> slow_reader(real_world& world) {
  auto [client, server] = co_await connected(world);
  client->set_buffer_sizes(16 << 10, 0);
  server->set_buffer_sizes(0, 16 << 10);
  const std::string text = pattern(20 << 20);
  task_group group("test");
  group.spawn(write_text(*client, text));
  co_await sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(group.size(), 1u) << "the writer waits for the reader";
  EXPECT_EQ(co_await read_exactly(*server, text.size()), text);
  co_await group.join();
}

TEST(socket, a_writer_waits_for_a_slow_reader) {
  in_real_world(1, slow_reader);
}

task<> read_until_error(stream& from, int& number, int& ended) {
  std::string text(10, '?');
  const auto got = co_await from.read_some(room(text));
  EXPECT_FALSE(got);
  number = got ? 0 : got.error().system_error;
  ++ended;
}

task<> wait_until_error(stream& from, int& number, int& ended) {
  const auto got = co_await from.wait_readable();
  EXPECT_FALSE(got);
  number = got ? 0 : got.error().system_error;
  ++ended;
}

task<> accept_until_error(listener& from, int& number, int& ended) {
  const auto got = co_await from.accept(shard::current());
  EXPECT_FALSE(got);
  number = got ? 0 : got.error().system_error;
  ++ended;
}

task<> close_while_waiting(real_world& world) {
  auto [client, server] = co_await connected(world);
  auto listening = world.sockets().listen({"", 0}, 16).value();
  int numbers[3] = {};
  int ended = 0;
  task_group group("test");
  group.spawn(read_until_error(*client, numbers[0], ended));
  group.spawn(wait_until_error(*server, numbers[1], ended));
  group.spawn(accept_until_error(*listening, numbers[2], ended));
  co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(ended, 0);
  client->close();
  server->close();
  listening->close();
  co_await group.join();
  EXPECT_EQ(ended, 3);
  for (const int number : numbers) {
    EXPECT_EQ(number, ECANCELED);
  }
  std::string text(10, '?');
  EXPECT_FALSE(client->try_read(room(text)));
  EXPECT_FALSE(co_await client->read_some(room(text)));
  EXPECT_FALSE(co_await client->wait_readable());
  const bytes_view part = as_bytes("x");
  EXPECT_FALSE(co_await client->write(std::span(&part, 1)));
  EXPECT_FALSE(co_await listening->accept(shard::current()));
}

TEST(socket, close_ends_what_waits) {
  in_real_world(1, close_while_waiting);
}

task<> read_letter(stream& from, int& ended) {
  std::string text(1, '?');
  const auto got = co_await from.read_some(room(text));
  EXPECT_TRUE(got && *got == 1 && text == "x");
  ++ended;
}

task<> tell_patiently(real_world& world) {
  std::vector<ends> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(co_await connected(world));
  }
  int ended = 0;
  task_group group("test");
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % 2 == 0) {
      all[i].server->set_patient(true);  // before it waits, or while it does
    }
    group.spawn(read_letter(*all[i].server, ended));
    all[i].server->set_patient(true);
  }
  const steady_time begin = shard::current().now();
  for (const ends& each : all) {
    co_await write_text(*each.client, "x");
  }
  while (ended == 0) {
    co_await sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GE(shard::current().now() - begin, stream_patience);
  EXPECT_EQ(ended, 100) << "all at once";
  co_await group.join();

  // What has arrived is not forgotten by one who becomes impatient, nor by one who moves.
  for (std::size_t i = 0; i < all.size(); ++i) {
    co_await write_text(*all[i].client, "x");
    if (i % 2 == 0) {
      all[i].server->set_patient(false);
    } else {
      all[i].server->move_to(shard::current());
    }
    group.spawn(read_letter(*all[i].server, ended));
  }
  co_await group.join();
  EXPECT_EQ(ended, 200);

  int number = 0;
  all[1].server->set_patient(true);
  group.spawn(read_until_error(*all[1].server, number, ended));
  co_await sleep_for(std::chrono::milliseconds(1));
  all[1].server->close();
  co_await group.join();
  EXPECT_EQ(number, ECANCELED);
}

TEST(socket, patient_streams_are_told_together) {
  in_real_world(1, tell_patiently);
}

task<> destroy_while_waiting(real_world& world) {
  auto both = co_await connected(world);
  int number = 0;
  int ended = 0;
  {
    task_group group("test");
    group.spawn(read_until_error(*both.client, number, ended));
    group.spawn(wait_until_error(*both.server, number, ended));
    co_await sleep_for(std::chrono::milliseconds(1));
  }
  both.client.reset();
  both.server.reset();
  co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(ended, 0);
}

TEST(socket, a_task_that_reads_may_be_destroyed) {
  in_real_world(1, destroy_while_waiting);
}

task<> write_to_the_gone(real_world& world) {
  auto [client, server] = co_await connected(world);
  server.reset();
  const std::string text = pattern(1 << 20);
  const bytes_view part = as_bytes(text);
  result<> written;
  for (int i = 0; i < 100 && written; ++i) {
    written = co_await client->write(std::span(&part, 1));
  }
  EXPECT_FALSE(written);
  EXPECT_EQ(written.error().code, error_code::network_exception);
  EXPECT_NE(written.error().message.find(client->peer().to_string()), std::string::npos);
}

TEST(socket, writing_to_a_peer_that_left_is_an_error) {
  in_real_world(1, write_to_the_gone);
}

task<> send_and_check(stream& to, const file& source, std::int64_t offset, std::int64_t length) {
  const auto sent = co_await to.send_file(source, offset, length, false);
  EXPECT_TRUE(sent) << sent.error().message;
}

task<> send_in_vain(stream& to, const file& source) {
  EXPECT_FALSE(co_await to.send_file(source, 0, 5 << 20, false));
}

void drop_from_page_cache(file& source) {
  EXPECT_TRUE(source.sync());
  EXPECT_EQ(::posix_fadvise(source.descriptor(), 0, 0, POSIX_FADV_DONTNEED), 0);
}

// The socket fills, and is closed while a file thread may still send.
task<> close_while_sending(real_world& world, file& source) {
  for (int i = 0; i < 20; ++i) {
    auto [client, server] = co_await connected(world);
    drop_from_page_cache(source);
    task_group group("test");
    group.spawn(send_in_vain(*server, source));
    for (int pause = 0; pause < i; ++pause) {
      co_await sleep_for(std::chrono::microseconds(100));
    }
    server->close();
    co_await group.join();
  }
}

task<> send_a_file(real_world& world) {
  const auto path = std::filesystem::temp_directory_path() / "barnabas-send-file-test";
  const std::string text = pattern(5 << 20);
  const auto source = world.files().open(path.string(), open_mode::create).value();
  EXPECT_TRUE(world.files().remove(path.string()));
  EXPECT_TRUE(source->write_at(as_bytes(text), 0));
  auto [client, server] = co_await connected(world);
  task_group group("test");
  group.spawn(send_and_check(*server, *source, 1000, 5'000'000));
  EXPECT_EQ(co_await read_exactly(*client, 5'000'000), text.substr(1000, 5'000'000));
  co_await group.join();
  drop_from_page_cache(*source);
  group.spawn(send_and_check(*server, *source, 0, 5 << 20));
  EXPECT_TRUE(co_await read_exactly(*client, 5 << 20) == text) << "from the disk";
  co_await group.join();
  const auto too_much = co_await server->send_file(*source, (5 << 20) - 100, 200, false);
  EXPECT_FALSE(too_much);
  server.reset();
  EXPECT_EQ((co_await read_exactly(*client, 1000)).size(), 100u);
  client->close();
  EXPECT_FALSE(co_await client->send_file(*source, 0, 10, false));
  co_await close_while_sending(world, *source);
}

TEST(socket, sends_a_file) {
  in_real_world(1, send_a_file);
}

task<> connect_in_vain(real_world& world) {
  auto listening = world.sockets().listen({"127.0.0.1", 0}, 1).value();
  const auto port = listening->local().port;
  const auto taken = world.sockets().listen({"127.0.0.1", port}, 1);
  EXPECT_EQ(taken.error().system_error, EADDRINUSE);
  EXPECT_EQ(taken.error().code, error_code::network_exception);
  listening.reset();
  const auto refused = co_await world.sockets().connect({"127.0.0.1", port}, soon_enough());
  EXPECT_EQ(refused.error().system_error, ECONNREFUSED);
  EXPECT_EQ(refused.error().message,
            "connecting to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  EXPECT_FALSE(co_await world.sockets().connect({"no.such.host.invalid", 1}, soon_enough()));
  EXPECT_FALSE(world.sockets().listen({"no.such.host.invalid", 1}, 1));
}

TEST(socket, failing_to_connect_says_why) {
  in_real_world(1, connect_in_vain);
}

// A listener with a backlog of nothing, which nobody empties: at some point connecting waits.
task<> connect_late(real_world& world) {
  auto listening = world.sockets().listen({"127.0.0.1", 0}, 0).value();
  std::vector<stream_ptr> kept;
  for (int i = 0; i < 8; ++i) {
    const auto before = shard::current().now();
    auto made = co_await world.sockets().connect({"127.0.0.1", listening->local().port},
                                                 before + std::chrono::milliseconds(20));
    if (!made) {
      EXPECT_EQ(made.error().system_error, ETIMEDOUT);
      EXPECT_LT(shard::current().now() - before, std::chrono::seconds(10));
      co_return;
    }
    kept.push_back(std::move(*made));
  }
  ADD_FAILURE() << "the backlog never filled";
}

TEST(socket, connecting_ends_at_its_deadline) {
  in_real_world(1, connect_late);
}

task<> request_soon(connect_stop& stop) {
  co_await sleep_for(std::chrono::milliseconds(50));
  stop.request();
}

task<> connect_until_stopped(real_world& world) {
  auto listening = world.sockets().listen({"127.0.0.1", 0}, 0).value();
  const endpoint to{"127.0.0.1", listening->local().port};
  std::vector<stream_ptr> kept;
  for (int i = 0; i < 8; ++i) {
    connect_stop stop;
    task_group others("test");
    others.spawn(request_soon(stop));
    const auto before = shard::current().now();
    auto made = co_await world.sockets().connect(to, before + std::chrono::seconds(20), &stop);
    const auto took = shard::current().now() - before;
    co_await others.join();
    if (!made) {
      EXPECT_EQ(made.error().system_error, ECANCELED);
      EXPECT_LT(took, std::chrono::seconds(5));
      EXPECT_EQ((co_await world.sockets().connect(to, soon_enough(), &stop)).error().system_error,
                ECANCELED)
          << "stopped before it began";
      co_return;
    }
    kept.push_back(std::move(*made));
  }
  ADD_FAILURE() << "the backlog never filled";
}

task<> request_at(connect_stop& stop, steady_time when) {
  co_await sleep_until(when);
  stop.request();
}

// The stop comes just before the deadline, most often before the answer.
task<> stop_at_the_deadline(real_world& world) {
  for (int i = 0; i < 100; ++i) {
    connect_stop stop;
    task_group others("test");
    const auto when = shard::current().now() + std::chrono::microseconds(20);
    others.spawn(request_at(stop, when));
    const auto deadline = when + std::chrono::microseconds(i);
    EXPECT_FALSE(co_await world.sockets().connect({"localhost", 1}, deadline, &stop));
    co_await others.join();
  }
}

TEST(socket, looking_up_a_name_ends_once) {
  in_real_world(1, stop_at_the_deadline);
}

task<> give_up_at_once(real_world& world) {
  std::vector<task<result<std::unique_ptr<stream>>>> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(world.sockets().connect({"no.such.host.invalid", 1}, shard::current().now()));
  }
  co_await when_all(std::move(all));
}
TEST(socket, names_that_are_still_looked_up_leave_nothing_in_memory_when_the_world_ends) {
  in_real_world(1, give_up_at_once);
  const auto before = ::mallinfo2().uordblks;
  for (int i = 0; i < 30; ++i) {
    in_real_world(1, give_up_at_once);
  }
  EXPECT_LT(::mallinfo2().uordblks, before + (64 << 10));
}

TEST(socket, connecting_ends_when_it_is_stopped) {
  in_real_world(1, connect_until_stopped);
}

task<> accept_without_descriptors(real_world& world) {
  auto listening = world.sockets().listen({"127.0.0.1", 0}, 16).value();
  auto client =
      co_await world.sockets().connect({"127.0.0.1", listening->local().port}, soon_enough());
  EXPECT_TRUE(client);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto refused = co_await listening->accept(shard::current());
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(refused.error().system_error, EMFILE);
  EXPECT_TRUE(co_await listening->accept(shard::current())) << "the peer still waits";
}

TEST(socket, too_many_open_files_is_an_error_that_passes) {
  in_real_world(1, accept_without_descriptors);
}

task<> echo_once(stream_ptr& with) {
  const std::string text = co_await read_exactly(*with, 5);
  co_await write_text(*with, text);
  with.reset();
}

task<> homes(real_world& world) {
  auto listening = world.sockets().listen({"", 0}, 16).value();
  shard& home = world.shard_at(1);
  stream_ptr server;
  task_group group("test");
  group.spawn(accept_into(*listening, home, server));
  auto made =
      co_await world.sockets().connect({"127.0.0.1", listening->local().port}, soon_enough());
  stream_ptr client = std::move(made.value());
  co_await group.join();
  EXPECT_EQ(server->peer(), client->local())
      << "an IPv4 peer looks like one on a dual-stack socket";
  co_await write_text(*client, "hello");
  co_await on_shard(home, [&server] { return echo_once(server); });
  EXPECT_EQ(co_await read_exactly(*client, 5), "hello");
}

TEST(socket, an_accepted_stream_lives_on_its_home) {
  in_real_world(2, homes);
}

TEST(endpoint, as_text) {
  EXPECT_EQ((endpoint{"a.example", 9092}.to_string()), "a.example:9092");
  EXPECT_EQ((endpoint{"::1", 1}.to_string()), "[::1]:1");
  EXPECT_EQ((endpoint{"", 2}.to_string()), ":2");
}

}  // namespace
}  // namespace barnabas::runtime
