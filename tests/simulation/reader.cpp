#include <fmt/format.h>

#include <algorithm>

#include "clients.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "record/batch_view.h"
#include "record/record_reader.h"

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;

constexpr std::int16_t first_version_with_sessions = 7;

struct read_record {
  std::int64_t offset = 0;
  record_id id;
};

// The records at and above `position`; they must follow each other without a gap, and be whole.
result<std::vector<read_record>> records_of(bytes_view bytes, std::int32_t partition,
                                            std::int64_t position) {
  std::vector<read_record> found;
  record::batches all(bytes);
  for (const record::batch_view batch : all) {
    if (!batch.is_crc_valid()) {
      return fail(error_code::corrupt_message, fmt::format("the batch at {}", batch.base_offset()));
    }
    record::record_reader records(batch, record::record_reader::offsets::consecutive);
    for (;;) {
      const auto record = records.next();
      if (!record) {
        return fail(record.error());
      }
      if (!*record) {
        break;
      }
      if ((*record)->offset < position) {
        continue;
      }
      const auto value = parse_value((*record)->value.value_or(bytes_view()));
      if ((*record)->offset != position || !value.is_whole || value.partition != partition) {
        return fail(error_code::corrupt_message,
                    fmt::format("at {} stands offset {} of partition {}", position,
                                (*record)->offset, value.partition));
      }
      found.push_back({position++, value.id});
    }
  }
  if (all.failure() && all.failure()->what != record::parse_failure::kind::incomplete) {
    return fail(all.failure()->why);
  }
  return found;
}

protocol::fetch_request make_fetch(const uuid& topic_id, std::int32_t max_wait_ms) {
  protocol::fetch_request request;
  request.max_wait_ms = max_wait_ms;
  request.min_bytes = 1;
  auto& topic = request.topics.emplace_back();
  topic.topic = topic_name;
  topic.topic_id = topic_id;
  return request;
}

void add_partition(protocol::fetch_request& to, std::int32_t index, std::int64_t position,
                   std::int32_t max_bytes) {
  auto& each = to.topics.front().partitions.emplace_back();
  each.partition = index;
  each.fetch_offset = position;
  each.partition_max_bytes = max_bytes;
}

}  // namespace

struct fetched_partition {
  std::int32_t index = 0;
  error_code code{};
  std::int64_t high_watermark = -1;
  bytes_view records;
};

reader::reader(surroundings& around, const reader_plan& plan)
    : around_(around), plan_(plan), positions_(static_cast<std::size_t>(around.plan.partitions)) {}

runtime::task<> reader::run(runtime::world& world) {
  while (!around_.should_end) {
    const int power_losses = around_.model.power_losses();
    auto to = co_await wire::open(world);
    if (to) {
      co_await use(**to, power_losses);
    }
    co_await runtime::sleep_for(20ms);
  }
}

runtime::task<result<>> reader::use(wire& to, int power_losses) {
  auto topic = co_await find_topic(around_, to);
  if (!topic) {
    co_return fail(std::move(topic.error()));
  }
  topic_id_ = *topic;
  high_watermarks_.assign(positions_.size(), -1);
  is_changed_.assign(positions_.size(), true);
  session_id_ = 0;
  session_epoch_ = plan_.fetch_version >= first_version_with_sessions ? 0 : -1;
  while (!around_.should_end) {
    if (auto fetched = co_await fetch_once(to, power_losses); !fetched) {
      co_return fetched;
    }
  }
  co_return result<>{};
}

runtime::task<result<>> reader::fetch_once(wire& to, int power_losses) {
  protocol::fetch_request request = make_fetch(topic_id_, plan_.max_wait_ms);
  request.session_id = session_id_;
  request.session_epoch = session_epoch_;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    if (session_epoch_ <= 0 || is_changed_[i]) {
      add_partition(request, static_cast<std::int32_t>(i), positions_[i],
                    plan_.partition_max_bytes);
    }
    is_changed_[i] = false;
  }
  if (request.topics.front().partitions.empty()) {
    request.topics.clear();
  }
  auto response = co_await to.ask<protocol::fetch_response>(request, plan_.fetch_version);
  if (!response) {
    if (response.error().code != error_code::network_exception) {
      around_.model.fail("answers_match", "a fetch response: " + response.error().message);
    }
    co_return fail(std::move(response.error()));
  }
  if (response->error_code != error_code::none) {
    co_return fail(response->error_code);
  }
  if (session_epoch_ >= 0 && response->session_id != 0) {
    session_id_ = response->session_id;
    ++session_epoch_;
  }
  for (const auto& topic : response->responses) {
    for (const auto& each : topic.partitions) {
      auto taken =
          take({each.partition_index, each.error_code, each.high_watermark, each.records.bytes()},
               power_losses);
      if (!taken) {
        co_return taken;
      }
    }
  }
  co_return result<>{};
}

result<> reader::take(const fetched_partition& data, int power_losses) {
  const auto at = static_cast<std::size_t>(data.index);
  if (data.code == error_code::offset_out_of_range) {
    positions_[at] = 0;  // a power loss took what this reader had seen
    is_changed_[at] = true;
    return {};
  }
  if (data.code != error_code::none) {
    return fail(data.code);
  }
  if (data.high_watermark < high_watermarks_[at]) {
    around_.model.fail("high_watermark_never_goes_back",
                       fmt::format("partition {}: {} after {}", data.index, data.high_watermark,
                                   high_watermarks_[at]));
  }
  high_watermarks_[at] = data.high_watermark;
  const auto records = records_of(data.records, data.index, positions_[at]);
  if (!records) {
    around_.model.fail("offsets_dense",
                       fmt::format("partition {}: a reader at {} gets {}", data.index,
                                   positions_[at], records.error().message));
    return fail(records.error());
  }
  for (const read_record& each : *records) {
    around_.model.seen(data.index, each.offset, each.id, power_losses);
    positions_[at] = each.offset + 1;
    is_changed_[at] = true;
  }
  if (positions_[at] > data.high_watermark) {
    around_.model.fail("reader_saw_prefix",
                       fmt::format("partition {}: a reader gets records up to {}, the high "
                                   "watermark is {}",
                                   data.index, positions_[at], data.high_watermark));
  }
  return {};
}

namespace {

runtime::task<result<std::vector<record_id>>> read_partition(wire& to, uuid topic_id,
                                                             std::int32_t index) {
  constexpr std::int16_t version = 12;
  constexpr int most_requests = 100'000;
  std::vector<record_id> all;
  for (int i = 0; i < most_requests; ++i) {
    protocol::fetch_request request = make_fetch(topic_id, 0);
    add_partition(request, index, static_cast<std::int64_t>(all.size()), 1 << 20);
    auto response = co_await to.ask<protocol::fetch_response>(request, version);
    if (!response) {
      co_return fail(std::move(response.error()));
    }
    if (response->responses.empty() || response->responses.front().partitions.empty()) {
      co_return fail(response->error_code, "an empty fetch response");
    }
    const auto& data = response->responses.front().partitions.front();
    if (data.error_code != error_code::none) {
      co_return fail(data.error_code, fmt::format("partition {} at {}", index, all.size()));
    }
    const auto records =
        records_of(data.records.bytes(), index, static_cast<std::int64_t>(all.size()));
    if (!records) {
      co_return fail(records.error(), fmt::format("partition {}: ", index));
    }
    for (const read_record& each : *records) {
      all.push_back(each.id);
    }
    if (records->empty()) {
      if (data.high_watermark != static_cast<std::int64_t>(all.size())) {
        co_return fail(error_code::corrupt_message,
                       fmt::format("partition {} ends at {}, its high watermark is {}", index,
                                   all.size(), data.high_watermark));
      }
      co_return all;
    }
  }
  co_return fail(error_code::corrupt_message, "the log does not end");
}

}  // namespace

runtime::task<result<std::vector<std::vector<record_id>>>> read_all(surroundings& around,
                                                                    runtime::world& world) {
  auto to = co_await wire::open(world);
  if (!to) {
    co_return fail(std::move(to.error()));
  }
  auto topic = co_await find_topic(around, **to);
  if (!topic) {
    co_return fail(std::move(topic.error()));
  }
  std::vector<std::vector<record_id>> all;
  for (std::int32_t index = 0; index < around.plan.partitions; ++index) {
    auto log = co_await read_partition(**to, *topic, index);
    if (!log) {
      co_return fail(std::move(log.error()));
    }
    all.push_back(std::move(*log));
  }
  co_return all;
}

}  // namespace barnabas::trial
