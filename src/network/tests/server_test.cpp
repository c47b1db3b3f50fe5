#include "network/server.h"

#include "network/tests/echo_server.h"
#include "runtime/task_group.h"

namespace barnabas::network {
namespace {

using namespace std::chrono_literals;
using runtime::task;

task<> wait_for_count(server& it, std::size_t count) {
  for (int i = 0; i < 500 && it.connection_count() != count; ++i) {
    co_await runtime::sleep_for(2ms);
  }
  EXPECT_EQ(it.connection_count(), count);
}

task<> frames_come_back(runtime::world& world) {
  test_server server(world, {});
  std::vector<test_client> clients;
  for (int i = 0; i < 5; ++i) {  // on both shards
    clients.push_back(co_await server.connect());
  }
  for (test_client& client : clients) {
    for (const std::size_t size : {0ul, 5ul, 70'000ul, 3'000'000ul}) {
      const std::string text(size, 'x');
      EXPECT_TRUE(co_await client.send(frame_of(text)));
      EXPECT_EQ(co_await client.receive_frame(), text);
    }
  }
  clients.clear();
  co_await wait_for_count(server.it, 0);
  co_await server.stop();
}
TEST(server, frames_come_back) {
  with_world(frames_come_back);
}

// Answers each frame from the other shard.
task<> echo_and_move(connection& it) {
  while (auto frame = co_await it.read_frame()) {
    frame->charge = {};
    const int before = runtime::shard::current().index();
    co_await it.move_to(1 - before);
    EXPECT_EQ(runtime::shard::current().index(), 1 - before);
    outgoing_frame answer = answer_of(as_text(frame->payload));
    const outgoing_frame* answers[] = {&answer};
    co_await it.write(answers);
  }
}

task<> a_connection_moves_between_shards(runtime::world& world) {
  test_server server(world, {.idle_time = 150ms}, echo_and_move);
  std::vector<test_client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(co_await server.connect());
  }
  for (const std::size_t size : {5ul, 70'000ul, 1'000'000ul, 7ul, 0ul, 9ul}) {
    const std::string text(size, 'x');
    for (test_client& client : clients) {  // the second frame arrives during the move
      EXPECT_TRUE(co_await client.send(frame_of(text)));
      EXPECT_TRUE(co_await client.send(frame_of("next")));
    }
    for (test_client& client : clients) {
      EXPECT_EQ(co_await client.receive_frame(), text);
      EXPECT_EQ(co_await client.receive_frame(), "next");
    }
  }
  for (test_client& client : clients) {  // an odd number of moves: they end on the other shard
    EXPECT_TRUE(co_await client.send(frame_of("last")));
    EXPECT_EQ(co_await client.receive_frame(), "last");
  }
  EXPECT_TRUE(co_await clients[0].is_closed()) << "idle, wherever it is";
  clients.pop_back();
  co_await wait_for_count(server.it, 0);
  co_await server.stop();
}
TEST(server, a_connection_moves_between_shards) {
  with_world(a_connection_moves_between_shards);
}

task<> move_forever(connection& it) {
  while (!it.is_closed()) {
    co_await it.move_to(1 - runtime::shard::current().index());
  }
}

task<> a_server_stops_while_connections_move(runtime::world& world) {
  for (int round = 0; round < 20; ++round) {
    test_server server(world, {}, move_forever);
    test_client one = co_await server.connect();
    test_client other = co_await server.connect();
    co_await wait_for_count(server.it, 2);
    co_await server.stop();
    EXPECT_TRUE(co_await one.is_closed());
    EXPECT_TRUE(co_await other.is_closed());
  }
}
TEST(server, it_stops_while_connections_move) {
  with_world(a_server_stops_while_connections_move);
}

task<> bad_lengths_close_only_their_connection(runtime::world& world) {
  test_server server(world, {.request_bytes = 1000});
  test_client good = co_await server.connect();
  for (const std::int32_t length : {-1, 1001, std::numeric_limits<std::int32_t>::max()}) {
    test_client bad = co_await server.connect();
    bytes raw(4);
    store_big_endian(raw.data(), length);
    EXPECT_TRUE(co_await bad.send(raw));
    EXPECT_TRUE(co_await bad.is_closed());
  }
  EXPECT_TRUE(co_await good.send(frame_of("still here")));
  EXPECT_EQ(co_await good.receive_frame(), "still here");
  co_await server.stop();
}
TEST(server, bad_lengths_close_only_their_connection) {
  with_world(bad_lengths_close_only_their_connection);
}

task<> idle_connections_are_closed(runtime::world& world) {
  test_server server(world, {.idle_time = 150ms});
  test_client busy = co_await server.connect();
  test_client idle = co_await server.connect();
  test_client half_sent = co_await server.connect();
  co_await half_sent.send(bytes(3));
  for (int i = 0; i < 10; ++i) {
    co_await runtime::sleep_for(30ms);
    co_await busy.send(frame_of("tick"));
    EXPECT_EQ(co_await busy.receive_frame(), "tick");
  }
  EXPECT_TRUE(co_await idle.is_closed());
  EXPECT_TRUE(co_await half_sent.is_closed());
  EXPECT_EQ(server.it.connection_count(), 1u);
  co_await server.stop();
}
TEST(server, idle_connections_are_closed) {
  with_world(idle_connections_are_closed);
}

task<> connections_of_an_address_are_limited(runtime::world& world) {
  test_server server(world, {});
  server.it.set_limits({.per_ip = 1, .per_ip_overrides = {{"127.0.0.1", 2}}});
  test_client one = co_await server.connect();
  test_client two = co_await server.connect();
  co_await wait_for_count(server.it, 2);
  test_client three = co_await server.connect();
  EXPECT_TRUE(co_await three.is_closed());
  {
    test_client gone = std::move(one);
  }
  co_await wait_for_count(server.it, 1);
  test_client four = co_await server.connect();
  co_await four.send(frame_of("in"));
  EXPECT_EQ(co_await four.receive_frame(), "in");
  co_await server.stop();
}
TEST(server, connections_of_an_address_are_limited) {
  with_world(connections_of_an_address_are_limited);
}

task<> over_max_connections_accepting_waits(runtime::world& world) {
  test_server server(world, {});
  server.it.set_limits({.of_all = {.connections = 1}});
  auto first = std::make_unique<test_client>(co_await server.connect());
  co_await wait_for_count(server.it, 1);
  test_client second = co_await server.connect();  // by the kernel
  co_await second.send(frame_of("later"));
  co_await runtime::sleep_for(50ms);
  EXPECT_EQ(server.it.connection_count(), 1u);
  first.reset();
  EXPECT_EQ(co_await second.receive_frame(), "later");
  co_await server.stop();
}
task<> limits_change_while_it_runs(runtime::world& world) {
  test_server server(world, {});
  test_client first = co_await server.connect();
  test_client second = co_await server.connect();
  co_await wait_for_count(server.it, 2);
  server.it.set_limits({.of_listener = {{"PLAINTEXT", {.connections = 2}}}});
  test_client third = co_await server.connect();  // by the kernel
  co_await third.send(frame_of("later"));
  co_await second.send(frame_of("stays"));
  EXPECT_EQ(co_await second.receive_frame(), "stays");
  co_await runtime::sleep_for(50ms);
  EXPECT_EQ(server.it.connection_count(), 2u);
  server.it.set_limits({});
  EXPECT_EQ(co_await third.receive_frame(), "later");
  co_await server.stop();
}
TEST(server, limits_change_while_it_runs) {
  with_world(limits_change_while_it_runs);
}

task<> connections_come_at_most_at_a_rate(runtime::world& world) {
  test_server server(world, {});
  server.it.set_limits({.of_all = {.creation_rate = 10}});
  const auto begin = runtime::shard::current().now();
  std::vector<test_client> clients;
  for (int i = 0; i < 15; ++i) {
    clients.push_back(co_await server.connect());
  }
  co_await wait_for_count(server.it, 15);
  const auto took = runtime::shard::current().now() - begin;
  EXPECT_GT(took, 350ms) << "ten at once, the others 100 ms apart";
  server.it.set_limits({.of_all = {.creation_rate = 0}});
  clients.push_back(co_await server.connect());
  co_await runtime::sleep_for(150ms);
  EXPECT_EQ(server.it.connection_count(), 15u);
  co_await server.stop();
}
TEST(server, connections_come_at_most_at_a_rate) {
  with_world(connections_come_at_most_at_a_rate);
}

TEST(server, over_max_connections_accepting_waits) {
  with_world(over_max_connections_accepting_waits);
}

// Sends frames until the connection takes no more, and notes how much went.
task<> flood(test_client& client, std::size_t& sent, bool& ended) {
  const bytes frame = frame_of(std::string(100'000, 'f'));
  for (int i = 0; i < 1000 && co_await client.send(frame); ++i) {
    sent += frame.size();
  }
  ended = true;
}

task<> a_slow_reader_is_not_read_from(runtime::world& world) {
  test_server server(world, {});
  test_client slow = co_await server.connect();
  test_client other = co_await server.connect();
  runtime::task_group group("flood");
  std::size_t sent = 0;
  bool ended = false;
  group.spawn(flood(slow, sent, ended));
  co_await runtime::sleep_for(300ms);
  EXPECT_LT(sent, 40u << 20);  // 100 MB were offered; the kernel's buffers hold some
  EXPECT_FALSE(ended);
  co_await other.send(frame_of("meanwhile"));
  EXPECT_EQ(co_await other.receive_frame(), "meanwhile");
  co_await server.stop();
  co_await group.join();
}
TEST(server, a_slow_reader_is_not_read_from) {
  with_world(a_slow_reader_is_not_read_from);
}

// Holds its frame until the connection closes.
task<> keep(connection& it, std::vector<frame>& kept) {
  while (auto frame = co_await it.read_frame()) {
    kept.push_back(std::move(*frame));
  }
}

task<> reading_stops_while_the_budget_is_used_up(runtime::world& world) {
  std::vector<frame> kept[2];  // by shard
  test_server server(world, {.queued_request_bytes = 20'000}, [&kept](connection& it) {
    return keep(it, kept[runtime::shard::current().index()]);
  });
  test_client client = co_await server.connect();
  runtime::task_group group("flood");
  std::size_t sent = 0;
  bool ended = false;
  group.spawn(flood(client, sent, ended));
  co_await runtime::sleep_for(100ms);
  EXPECT_EQ(kept[0].size() + kept[1].size(), 1u);
  co_await server.stop();
  co_await runtime::on_shard(world.shard_at(1), [&kept] {
    return [](std::vector<frame>& frames) -> task<> {
      frames.clear();
      co_return;
    }(kept[1]);
  });
  kept[0].clear();
  co_await group.join();
}
TEST(server, reading_stops_while_the_budget_is_used_up) {
  with_world(reading_stops_while_the_budget_is_used_up);
}

// What is read already of a slice is not read again: to see that, it is something else.
shared_bytes read_before(std::size_t count) {
  return shared_bytes::copy_of(as_bytes(std::string(count, 'R')));
}

task<> write_slices(connection& it, std::shared_ptr<runtime::file> file) {
  while (auto frame = co_await it.read_frame()) {
    it.request_started();
    outgoing_frame first = answer_of("ab");
    first.insertions = {{4, {file, 10, 5}},
                        {5, {file, 0, 0}},
                        {5, {file, 1000, 2'500'000}},
                        {6, {file, 3, 16'384}}};
    store_big_endian(first.bytes.data(), static_cast<std::int32_t>(first.size_bytes() - 4));
    outgoing_frame second = answer_of("last");
    second.insertions = {{8, {file, 5'000, 20'000}}};  // nothing stands behind it
    outgoing_frame third = answer_of("read");
    third.insertions = {{4, {file, 10, 5, read_before(9)}},
                        {4, {file, 10, 5, read_before(4)}},
                        {5, {file, 4'000, 20'000, read_before(96)}},
                        {6, {file, 4'000, 20'000, read_before(95)}},
                        {8, {file, 8'192, 20'000, read_before(4'096)}}};
    store_big_endian(second.bytes.data(), static_cast<std::int32_t>(second.size_bytes() - 4));
    store_big_endian(third.bytes.data(), static_cast<std::int32_t>(third.size_bytes() - 4));
    const outgoing_frame* answers[] = {&first, &second, &third};
    co_await it.write(answers);
    it.request_finished();
  }
}

task<> slices_of_files_go_between_the_bytes(runtime::world& world) {
  EXPECT_TRUE(world.files().create_folder(testing::TempDir()));
  const std::string path = testing::TempDir() + "barnabas_network_slices";
  std::string content(3'000'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<char>('a' + i * 7 % 26);
  }
  auto file = *world.files().open(path, runtime::open_mode::create);
  EXPECT_TRUE(file->write_at(as_bytes(content), 0));
  {
    test_server server(world, {}, [file](connection& it) { return write_slices(it, file); });
    test_client client = co_await server.connect();
    co_await client.send(frame_of("please"));
    EXPECT_EQ(co_await client.receive_frame(), content.substr(10, 5) + "a" +
                                                   content.substr(1000, 2'500'000) + "b" +
                                                   content.substr(3, 16'384));
    EXPECT_EQ(co_await client.receive_frame(), "last" + content.substr(5'000, 20'000));
    EXPECT_EQ(co_await client.receive_frame(),
              "RRRRR" + content.substr(10, 5) + "r" + std::string(96, 'R') +
                  content.substr(4'096, 19'904) + "e" + content.substr(4'000, 20'000) + "ad" +
                  content.substr(8'192, 20'000));
    // A file that has become shorter cannot be answered from; the connection ends, the server does
    // not.
    EXPECT_TRUE(file->truncate(100'000));
    co_await client.send(frame_of("please"));
    EXPECT_EQ((co_await client.receive(10'000'000)).size() < 2'600'000, true);
    co_await server.stop();
  }
  EXPECT_TRUE(world.files().remove(path));
}
TEST(server, slices_of_files_go_between_the_bytes) {
  with_world(slices_of_files_go_between_the_bytes);
}

task<> wait_for_closing(connection& it, runtime::condition& never) {
  auto frame = co_await it.read_frame();
  it.request_started();
  while (!it.closing().is_set()) {
    closing_watch watch(it.closing(), never);
    co_await never.wait_until(runtime::no_deadline);
  }
  outgoing_frame answer = answer_of("early");
  const outgoing_frame* answers[] = {&answer};
  co_await it.write(answers);
  it.request_finished();
}

task<> stopping_lets_running_requests_answer(runtime::world& world) {
  runtime::condition never[2];
  test_server server(world, {}, [&never](connection& it) {
    return wait_for_closing(it, never[runtime::shard::current().index()]);
  });
  test_client client = co_await server.connect();
  test_client silent = co_await server.connect();
  co_await client.send(frame_of("wait"));
  co_await runtime::sleep_for(30ms);
  const auto begin = runtime::shard::current().now();
  co_await server.stop();
  EXPECT_LT(runtime::shard::current().now() - begin, 150ms);
  EXPECT_EQ(co_await client.receive_frame(), "early");
  EXPECT_TRUE(co_await silent.is_closed());
}
TEST(server, stopping_lets_running_requests_answer) {
  with_world(stopping_lets_running_requests_answer);
}

task<> other_protocols_are_refused(runtime::world& world) {
  server it(world, *parse_listeners("SSL://127.0.0.1:0", ""), {}, echo);
  const auto listening = it.listen();
  EXPECT_FALSE(listening);
  EXPECT_EQ(listening.error().message, "listener SSL asks for SSL, which is not served");
  co_return;
}
TEST(server, other_protocols_are_refused) {
  with_world(other_protocols_are_refused);
}

}  // namespace
}  // namespace barnabas::network
