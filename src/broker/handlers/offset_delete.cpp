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

// Leaves the partitions that are there in the message; the response has all, with the error of the
// others. Returns the codes in the response of those that stay.
std::vector<error_code*> keep_known_partitions(const cluster::image& image,
                                               protocol::offset_delete_request& message,
                                               protocol::offset_delete_response& response) {
  std::vector<error_code*> codes;
  response.topics.reserve(message.topics.size());
  for (auto& topic : message.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.partitions.reserve(topic.partitions.size());
    std::erase_if(topic.partitions, [&](const auto& partition) {
      auto& shown = out.partitions.emplace_back();
      shown.partition_index = partition.partition_index;
      shown.error_code = error_code::unknown_topic_or_partition;
      const bool is_there = image.find_partition(topic.name, partition.partition_index) != nullptr;
      if (is_there) {
        codes.push_back(&shown.error_code);
      }
      return !is_there;
    });
  }
  return codes;
}

}  // namespace

pending_reply offset_delete(group_services services, request request,
                            protocol::offset_delete_request message) {
  const cluster::image_ptr image = services.images.current();
  protocol::offset_delete_response response;
  const auto codes = keep_known_partitions(*image, message, response);
  const auto deleted = co_await delete_all(services, message);
  response.error_code = deleted ? deleted->error : code_of(deleted.error());
  if (response.error_code != error_code::none) {
    response.topics.clear();
    co_return encode_reply(request, response);
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    *codes[i] = deleted->partitions[i];
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
