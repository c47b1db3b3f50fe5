#include "broker/handlers/delete_records.h"

#include <map>

#include "cluster/topic_names.h"

namespace barnabas::broker::handlers {
namespace {

runtime::task<result<std::int64_t>> delete_before(replica::partition& partition,
                                                  std::int64_t offset) {
  co_return partition.delete_records(offset);
}

runtime::task<result<std::int64_t>> ask(partition_services services, std::string_view topic,
                                        std::int32_t index, std::int64_t offset) {
  if (cluster::is_internal_topic(topic)) {
    co_return fail(error_code::invalid_topic_exception);
  }
  co_return co_await ask_partition<std::int64_t>(
      services, topic, index,
      [offset](replica::partition& partition) { return delete_before(partition, offset); });
}

}  // namespace

runtime::task<protocol::delete_records_response> delete_records(
    partition_services services, protocol::delete_records_request message) {
  // A partition that is named twice is answered once, with what was said last, as in Kafka.
  std::map<std::pair<std::string_view, std::int32_t>, std::int64_t> offsets;
  for (const auto& topic : message.topics) {
    for (const auto& asked : topic.partitions) {
      offsets[{topic.name, asked.partition_index}] = asked.offset;
    }
  }
  protocol::delete_records_response response;
  for (const auto& topic : message.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& asked : topic.partitions) {
      const auto last = offsets.extract({topic.name, asked.partition_index});
      if (last.empty()) {
        continue;
      }
      const auto start = co_await ask(services, topic.name, asked.partition_index, last.mapped());
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      answer.low_watermark = start ? *start : -1;
      answer.error_code = start ? error_code::none : start.error().code;
    }
    if (out.partitions.empty()) {
      response.topics.pop_back();
    }
  }
  co_return response;
}

}  // namespace barnabas::broker::handlers
