#include "bench/load/group_request.h"

#include "bench/wire.h"

namespace barnabas::bench {
namespace {

constexpr std::int64_t committed_offset = 1'000'000;

wire_writer begin_request(std::int16_t key, std::int16_t version) {
  wire_writer writer;
  writer.int32(0).int16(key).int16(version).int32(0).string("bench");
  return writer;
}

std::vector<std::byte> sealed(wire_writer& writer) {
  writer.seal_frame();
  return {writer.view().begin(), writer.view().end()};
}

// Behind the correlation id and the throttle time.
std::int16_t error_at_begin(bytes_view answer) {
  wire_reader reader(answer);
  reader.take(8);
  const std::int16_t error = reader.int16();
  return reader.bad() ? std::int16_t{-1000} : error;
}

}  // namespace

produce_request make_commit_request(const std::string& group, const std::string& topic,
                                    std::int32_t first_partition, std::int32_t partitions) {
  produce_request request;
  request.first_partition = first_partition;
  request.partitions = partitions;
  wire_writer writer = begin_request(8, 7);
  writer.string(group).int32(-1).string("").int16(-1);  // no generation, member or instance
  writer.int32(1).string(topic).int32(partitions);
  for (std::int32_t i = 0; i < partitions; ++i) {
    writer.int32(first_partition + i).int64(committed_offset).int32(-1).string("");
  }
  request.bytes = sealed(writer);
  request.head_bytes = 12;
  return request;
}

std::int16_t error_in_commit_answer(bytes_view answer) {
  wire_reader reader(answer);
  reader.take(8);  // correlation, throttle time
  std::int16_t error = 0;
  for (std::int32_t topics = reader.int32(); topics > 0 && !reader.bad(); --topics) {
    reader.string();
    for (std::int32_t left = reader.int32(); left > 0 && !reader.bad(); --left) {
      reader.int32();
      const std::int16_t here = reader.int16();
      error = error == 0 ? here : error;
    }
  }
  return reader.bad() ? std::int16_t{-1000} : error;
}

std::vector<std::byte> make_find_coordinator_request(const std::string& group) {
  wire_writer writer = begin_request(10, 1);
  writer.string(group).int8(0);
  return sealed(writer);
}

std::int16_t error_in_find_coordinator_answer(bytes_view answer) {
  return error_at_begin(answer);
}

std::vector<std::byte> make_join_request(const std::string& group, const std::string& member) {
  wire_writer writer = begin_request(11, 3);
  writer.string(group).int32(30'000).int32(60'000).string(member).string("consumer");
  writer.int32(1).string("range").int32(0);
  return sealed(writer);
}

std::int16_t error_in_join_answer(bytes_view answer) {
  return error_at_begin(answer);
}

joined read_join_answer(bytes_view answer) {
  wire_reader reader(answer);
  reader.take(8);  // correlation, throttle time
  joined found;
  found.error = reader.int16();
  found.generation = reader.int32();
  reader.string();  // protocol
  reader.string();  // leader
  const bytes_view member = reader.string();
  found.member.assign(reinterpret_cast<const char*>(member.data()), member.size());
  found.members = reader.int32();
  found.error = reader.bad() ? std::int16_t{-1000} : found.error;
  return found;
}

std::vector<std::byte> make_sync_request(const std::string& group, const joined& as) {
  wire_writer writer = begin_request(14, 2);
  writer.string(group).int32(as.generation).string(as.member).int32(0);
  return sealed(writer);
}

std::int16_t error_in_sync_answer(bytes_view answer) {
  return error_at_begin(answer);
}

produce_request make_heartbeat_request(const std::string& group, const joined& as) {
  wire_writer writer = begin_request(12, 2);
  writer.string(group).int32(as.generation).string(as.member);
  produce_request request;
  request.bytes = sealed(writer);
  request.head_bytes = 12;
  return request;
}

std::int16_t error_in_heartbeat_answer(bytes_view answer) {
  return error_at_begin(answer);
}

}  // namespace barnabas::bench
