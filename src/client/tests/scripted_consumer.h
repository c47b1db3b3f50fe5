// A consumer of t-0 in a simulated world, and what a scripted broker (scripted_cluster.h) answers
// it.
#pragma once

#include "client/consumer_core.h"
#include "client/piece_reader.h"
#include "protocol/messages/fetch_response.h"
#include "record/batch_builder.h"
#include "scripted_cluster.h"

namespace barnabas::client {

inline std::vector<std::byte> batch_at(std::int64_t offset, int records,
                                       record::compression_type compression,
                                       std::int64_t producer = -1) {
  record::batch_settings settings{.base_offset = offset, .compression = {compression}};
  settings.producer_id = producer;
  settings.is_transactional = producer >= 0;
  record::batch_builder builder(settings);
  for (int i = 0; i < records; ++i) {
    const std::string value = "value " + std::to_string(offset + i);
    builder.append({.timestamp = 1000 + i, .value = as_bytes(value)});
  }
  return builder.build();
}

inline std::vector<std::int64_t> offsets_of(piece_reader& reader) {
  std::vector<std::int64_t> offsets;
  record::record_view read;
  while (reader.next(read)) {
    EXPECT_EQ(as_text(*read.value), "value " + std::to_string(read.offset));
    offsets.push_back(read.offset);
  }
  EXPECT_TRUE(reader.outcome());
  return offsets;
}

inline reply fetched(const asked& question, error_code code, std::int64_t offset,
                     std::int32_t session_id = 9) {
  static std::vector<std::byte> bytes;  // until the answer is encoded
  bytes = batch_at(offset, 2, record::compression_type::none);
  protocol::fetch_response answer;
  answer.session_id = session_id;
  answer.responses = {{.topic = "t", .partitions = {{.partition_index = 0, .error_code = code}}}};
  if (code == error_code::none) {
    answer.responses[0].partitions[0].records = protocol::records(bytes);
  }
  return {rpc::answer_frame(question, answer)};
}

struct consumed {
  std::vector<std::int64_t> offsets;
  std::vector<error> errors;
};

inline task<> consume(runtime::world& world, setting_map settings, std::size_t enough,
                      consumed& into) {
  settings.emplace("bootstrap.servers", "broker:9092");
  consumer_core consumer(world, *make_consumer_configuration(settings));
  consumer.start();
  consumer.fetching().assign({{"t", 0}});
  recycled_buffers memory(1);
  for (int i = 0; i < 20'000 && into.offsets.size() < enough && into.errors.empty(); ++i) {
    while (auto notice = consumer.queue().take_notice()) {
      into.errors.push_back(notice->why);
      consumer.queue().handled();
    }
    auto piece = consumer.queue().take();
    if (!piece) {
      co_await runtime::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    consumer.fetching().wake();
    if (!piece->trouble) {
      into.errors.push_back(piece->trouble.error());
      break;
    }
    piece_reader reader(std::move(*piece), true, memory);
    for (const std::int64_t offset : offsets_of(reader)) {
      into.offsets.push_back(offset);
    }
  }
  co_await consumer.stop();
}

inline consumed consumed_from(rpc::script answer,
                              setting_map settings = {{"auto.offset.reset", "earliest"}}) {
  consumed got;
  rpc::scripted_world world(cluster_of_one(std::move(answer)));
  world.run([&](runtime::world& w) { return consume(w, settings, 20, got); });
  return got;
}

}  // namespace barnabas::client
