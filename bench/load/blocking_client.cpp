#include "bench/load/blocking_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench/event_loop.h"
#include "bench/wire.h"

namespace barnabas::bench {
namespace {

constexpr std::int16_t topic_already_exists = 36;

// What a cluster answers while its only broker or its controller is not registered yet.
bool is_for_want_of_brokers(std::int16_t error) {
  constexpr std::int16_t request_timed_out = 7;
  constexpr std::int16_t invalid_replication_factor = 38;
  constexpr std::int16_t not_controller = 41;
  return error == request_timed_out || error == invalid_replication_factor ||
         error == not_controller;
}

// A request header of version 1, as all requests here have it.
wire_writer request(std::int16_t key, std::int16_t version) {
  wire_writer writer;
  writer.int32(0).int16(key).int16(version).int32(7).string("bench");
  return writer;
}

bool receive_exactly(int descriptor, std::byte* to, std::size_t size) {
  while (size > 0) {
    const ssize_t count = recv(descriptor, to, size, 0);
    if (count <= 0) {
      return false;
    }
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

// Partitions of the topic whose leader answers, by ListOffsets version 2: Metadata names leaders a
// moment before they serve. -1 when the broker is not there.
std::int32_t partitions_served(blocking_client& client, const std::string& topic,
                               std::int32_t partitions) {
  wire_writer list = request(2, 2);
  list.int32(-1).int8(0).int32(1).string(topic).int32(partitions);
  for (std::int32_t i = 0; i < partitions; ++i) {
    list.int32(i).int64(-1);
  }
  list.seal_frame();
  const auto answer = client.call(list.view());
  if (!answer) {
    return -1;
  }
  wire_reader reader(*answer);
  reader.take(12);  // correlation, throttle time, topics (one)
  reader.string();
  std::int32_t served = 0;
  for (std::int32_t left = reader.int32(); left > 0 && !reader.bad(); --left) {
    reader.int32();
    served += reader.int16() == 0 ? 1 : 0;
    reader.take(16);  // timestamp, offset
  }
  return served;
}

}  // namespace

blocking_client::~blocking_client() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

bool blocking_client::connect() {
  if (descriptor_ < 0) {
    descriptor_ = connect_to(port_);
    const timeval wait{60, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  }
  return descriptor_ >= 0;
}

bool send_frame(int descriptor, bytes_view frame) {
  while (!frame.empty()) {
    const ssize_t count = send(descriptor, frame.data(), frame.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    frame = frame.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool receive_frame(int descriptor, std::vector<std::byte>& answer) {
  std::byte size[4];
  if (!receive_exactly(descriptor, size, sizeof(size))) {
    return false;
  }
  answer.resize(static_cast<std::size_t>(load_big_endian<std::int32_t>(size)));
  return receive_exactly(descriptor, answer.data(), answer.size());
}

std::optional<std::vector<std::byte>> blocking_client::call(bytes_view frame) {
  std::vector<std::byte> answer;
  if (connect() && send_frame(descriptor_, frame) && receive_frame(descriptor_, answer)) {
    return answer;
  }
  if (descriptor_ >= 0) {
    close(descriptor_);
    descriptor_ = -1;
  }
  return std::nullopt;
}

bool create_topic(blocking_client& client, const std::string& topic, std::int32_t partitions,
                  bool dies_on_refusal) {
  wire_writer create = request(19, 4);
  create.int32(1).string(topic).int32(partitions).int16(1).int32(0).int32(0).int32(60'000).int8(0);
  create.seal_frame();
  for (const std::int64_t deadline = now_ns() + 60'000'000'000;;) {
    const auto answer = client.call(create.view());
    if (!answer) {
      return false;
    }
    wire_reader reader(*answer);
    reader.take(12);  // correlation, throttle time, topics (one)
    reader.string();
    const std::int16_t error = reader.int16();
    if (error == 0 || error == topic_already_exists) {
      return true;
    }
    if (!dies_on_refusal) {
      return false;
    }
    if (!is_for_want_of_brokers(error) || now_ns() > deadline) {
      die(fmt::format("creating topic {}: error {}", topic, error));
    }
    usleep(50'000);
  }
}

void wait_until_served(blocking_client& client, const std::string& topic, std::int32_t partitions) {
  const std::int64_t deadline = now_ns() + 300'000'000'000;
  while (partitions_served(client, topic, partitions) < partitions) {
    if (now_ns() > deadline) {
      die("topic " + topic + " has partitions that nobody serves");
    }
    usleep(partitions > 1000 ? 50'000 : 2000);
  }
}

void delete_topic(blocking_client& client, const std::string& topic) {
  wire_writer remove = request(20, 3);
  remove.int32(1).string(topic).int32(60'000);
  remove.seal_frame();
  const auto answer = client.call(remove.view());
  if (!answer) {
    die("deleting topic " + topic + ": no answer");
  }
  wire_reader reader(*answer);
  reader.take(12);  // correlation, throttle time, topics (one)
  reader.string();
  if (const std::int16_t error = reader.int16(); error != 0) {
    die(fmt::format("deleting topic {}: error {}", topic, error));
  }
}

void alter_topic(blocking_client& client, const std::string& topic, const std::string& name,
                 const std::string& value) {
  constexpr std::int8_t is_topic = 2, sets = 0;
  wire_writer alter = request(44, 0);
  alter.int32(1).int8(is_topic).string(topic).int32(1).string(name).int8(sets).string(value).int8(
      0);
  alter.seal_frame();
  const auto answer = client.call(alter.view());
  if (!answer) {
    die("a setting of topic " + topic + ": no answer");
  }
  wire_reader reader(*answer);
  reader.take(12);  // correlation, throttle time, resources (one)
  if (const std::int16_t error = reader.int16(); error != 0) {
    die(fmt::format("{}={} of topic {}: error {}", name, value, topic, error));
  }
}

std::int64_t new_producer_id(blocking_client& client) {
  constexpr std::int16_t coordinator_load_in_progress = 14;
  wire_writer init = request(22, 1);
  init.int16(-1).int32(60'000);
  init.seal_frame();
  while (true) {
    const auto answer = client.call(init.view());
    if (!answer) {
      die("asking for a producer id: no answer");
    }
    wire_reader reader(*answer);
    reader.take(8);  // correlation, throttle time
    const std::int16_t error = reader.int16();
    if (error == 0) {
      return reader.int64();
    }
    if (error != coordinator_load_in_progress) {
      die(fmt::format("asking for a producer id: error {}", error));
    }
    usleep(20'000);
  }
}

}  // namespace barnabas::bench
