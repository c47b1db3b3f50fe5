#include "broker/tests/whole_connection.h"

#include <chrono>

#include "base/log.h"
#include "broker/broker.h"
#include "metastore/memory_store.h"
#include "network/tests/test_client.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/reader.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"

namespace barnabas::broker {
namespace {

using namespace std::chrono_literals;
using network::test_client;
using runtime::task;

server_config config_of_the_test() {
  config_remarks remarks;
  return *make_server_config({{"listeners", "PLAINTEXT://127.0.0.1:9092", 0},
                              {"log.dirs", "/data", 0},
                              {"socket.request.max.bytes", "1000000", 0}},
                             remarks);
}

task<test_client> connect(runtime::world& world) {
  auto stream =
      co_await world.sockets().connect({"127.0.0.1", 9092}, runtime::shard::current().now() + 5s);
  co_return test_client(std::move(*stream));
}

// Takes what comes until the broker closes.
task<> drain(test_client& client, bool& is_closed) {
  while (!(co_await client.receive(1)).empty()) {
  }
  is_closed = true;
}

task<> send_pieces(runtime::world& world, std::span<const bytes_view> pieces) {
  test_client client = co_await connect(world);
  runtime::task_group group("drain");
  bool is_closed = false;
  group.spawn(drain(client, is_closed));
  for (const bytes_view piece : pieces) {
    if (is_closed || !co_await client.send(piece)) {
      break;
    }
    co_await runtime::sleep_for(1ms);
  }
  co_await runtime::sleep_for(20ms);
  client.stream().close();
  co_await group.join();
}

task<bool> answers(runtime::world& world) {
  test_client client = co_await connect(world);
  // ApiVersions 0, correlation id 1, no client id.
  co_await client.send(network::frame_of(std::string_view("\0\x12\0\0\0\0\0\1\xff\xff", 10)));
  const std::string frame = co_await client.receive_frame();
  protocol::api_versions_response response;
  protocol::reader in(as_bytes(frame).subspan(std::min<std::size_t>(4, frame.size())));
  co_return response.read(in, 0) && response.error_code == error_code::none;
}

task<> talk(runtime::world& world, std::span<const bytes_view> pieces, std::string& problem) {
  metastore::memory_store store;
  broker it(world, config_of_the_test(), &store);
  if (const auto started = co_await it.start(); !started) {
    problem = started.error().message;
    co_return;
  }
  co_await send_pieces(world, pieces);
  const bool is_answering = co_await answers(world);
  const auto begin = runtime::shard::current().now();
  co_await it.stop();
  problem = !is_answering                                  ? "the broker does not answer any more"
            : runtime::shard::current().now() - begin > 1s ? "it takes more than a second to stop"
                                                           : "";
}

}  // namespace

std::string send_to_a_broker(std::uint64_t seed, std::span<const bytes_view> pieces) {
  set_log_level(log_level::off);
  std::string problem = "it does not end";
  runtime::simulated::simulation simulation(seed);
  auto& machine = simulation.add_machine("one", 2);
  machine.start([&](runtime::world& world) { return talk(world, pieces, problem); });
  simulation.run_until([&] { return !machine.is_running(); }, std::chrono::minutes(2));
  return problem;
}

}  // namespace barnabas::broker
