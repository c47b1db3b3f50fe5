// A broker in a simulated world that answers with whatever a test says: the bytes of a frame, of
// something that is no frame, or nothing, and then goes on, closes, or falls silent.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "base/endian.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/request_header.h"
#include "rpc/link.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::rpc {

using runtime::task;

struct asked {
  protocol::api_key key{};
  std::int16_t version = 0;
  std::int32_t correlation_id = 0;
  bytes_view frame;  // without its length, header first
};
struct reply {
  std::vector<std::byte> bytes;
  bool closes = false;
  runtime::duration after{};
};
using script = std::function<reply(const asked&)>;

inline std::vector<std::byte> frame_of(std::int32_t correlation_id, bool has_tags,
                                       const std::vector<std::byte>& body) {
  std::vector<std::byte> bytes(has_tags ? 9 : 8);
  store_big_endian(bytes.data(), static_cast<std::int32_t>(bytes.size() - 4 + body.size()));
  store_big_endian(bytes.data() + 4, correlation_id);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}
// What was asked; its views are of the question's bytes.
template <class Request>
Request request_in(const asked& question) {
  protocol::reader in(question.frame);
  protocol::request_header header;
  Request request;
  EXPECT_TRUE(
      header.read(in, protocol::api_of(question.key).request_header_version(question.version)));
  EXPECT_TRUE(request.read(in, question.version)) << in.error_text();
  return request;
}
template <class Message>
std::vector<std::byte> answer_frame(const asked& question, const Message& message) {
  const bool has_tags =
      protocol::api_of(question.key).response_header_version(question.version) == 1;
  return frame_of(question.correlation_id, has_tags,
                  *protocol::to_bytes(message, question.version));
}

// Serves everything that the messages here know, in a cluster with this level of transactions.
inline std::vector<std::byte> all_versions(const asked& question,
                                           std::int16_t transaction_version = 0) {
  protocol::api_versions_response all;
  if (transaction_version > 0) {
    all.finalized_features = {{.name = "transaction.version",
                               .max_version_level = transaction_version,
                               .min_version_level = transaction_version}};
  }
  for (const protocol::api& each : protocol::apis()) {
    all.api_keys.push_back(
        {static_cast<std::int16_t>(each.key), each.lowest_version, each.highest_version});
  }
  return answer_frame(question, all);
}

inline task<> serve_one(std::unique_ptr<runtime::stream> stream, const script& answer) {
  network::frame_receiver receiver(1 << 20);
  for (;;) {
    auto next = receiver.next();
    if (next && *next) {
      const std::byte* const at = (*next)->payload.data();
      const reply given = answer({static_cast<protocol::api_key>(load_big_endian<std::int16_t>(at)),
                                  load_big_endian<std::int16_t>(at + 2),
                                  load_big_endian<std::int32_t>(at + 4), (*next)->payload});
      if (given.after > runtime::duration::zero()) {
        co_await runtime::sleep_for(given.after);
      }
      const bytes_view part = given.bytes;
      if (!part.empty() && !co_await stream->write(std::span(&part, 1))) {
        co_return;
      }
      if (given.closes) {
        co_return;
      }
      continue;
    }
    const auto got = co_await stream->read_some(receiver.space());
    if (!next || !got || *got == 0) {
      co_return;
    }
    receiver.received(*got);
  }
}

inline task<> serve(runtime::world& world, const script& answer, int& accepted) {
  auto listener = world.sockets().listen({"", 9092}, 16);
  runtime::task_group sessions("sessions");
  for (;;) {
    auto stream = co_await (*listener)->accept(runtime::shard::current());
    ++accepted;
    sessions.spawn(serve_one(std::move(*stream), answer));
  }
}

// A simulation of one scripted broker and one client.
class scripted_world {
 public:
  explicit scripted_world(script answer) : answer_(std::move(answer)) {
    broker_.start([this](runtime::world& world) { return serve(world, answer_, accepted_); });
  }

  // Runs the client to its end, at most a minute of virtual time.
  void run(const std::function<task<>(runtime::world&)>& client) {
    client_.start(client);
    EXPECT_TRUE(sim_.run_until([this] { return !client_.is_running(); }, std::chrono::seconds(60)))
        << "it hangs";
  }
  int accepted() const { return accepted_; }
  runtime::simulated::simulation& sim() { return sim_; }
  runtime::simulated::machine& broker() { return broker_; }
  runtime::simulated::machine& client() { return client_; }

 private:
  script answer_;
  int accepted_ = 0;
  runtime::simulated::simulation sim_{1};
  runtime::simulated::machine& broker_ = sim_.add_machine("broker", 1);
  runtime::simulated::machine& client_ = sim_.add_machine("client", 1);
};

}  // namespace barnabas::rpc
