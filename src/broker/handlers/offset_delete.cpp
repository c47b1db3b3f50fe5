#include "broker/handlers/offset_delete.h"

#include "broker/encode.h"
#include "protocol/messages/offset_delete_response.h"

namespace barnabas::broker::handlers {
namespace {

// A call deletes as much as one batch takes.
runtime::task<result<group::deleted_offsets>> delete_all(
    const group_services& services, const protocol::offset_delete_request& message) {
  for (;;) {
    auto deleted = co_await services.groups.call<group::deleted_offsets>(
        message.group_id,
        [&](group::machine& machine, group_moment now, group_effects& out,
            group_reply<group::deleted_offsets> to) {
          machine.delete_offsets(message, now, out, std::move(to));
        },
        until_written(services));
    if (!deleted || !deleted->has_more) {
      co_return deleted;
    }
  }
}

}  // namespace

pending_reply offset_delete(group_services services, request request,
                            protocol::offset_delete_request message) {
  const cluster::image_ptr image = services.images.current();
  std::vector<protocol::offset_delete_request_topic> unknown;
  std::erase_if(message.topics, [&](auto& topic) {
    const bool is_unknown = image->find_topic(topic.name) == nullptr;
    if (is_unknown) {
      unknown.push_back(std::move(topic));
    }
    return is_unknown;
  });
  const auto deleted = co_await delete_all(services, message);
  protocol::offset_delete_response response;
  response.error_code = deleted ? deleted->error : code_of(deleted.error());
  if (response.error_code != error_code::none) {
    co_return encode_reply(request, response);
  }
  auto code = deleted->partitions.begin();
  for (const auto& topic : message.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      out.partitions.push_back({partition.partition_index, *code++});
    }
  }
  for (const auto& topic : unknown) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      out.partitions.push_back({partition.partition_index, error_code::unknown_topic_or_partition});
    }
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
