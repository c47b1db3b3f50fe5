#include "broker/handlers/offset_commit.h"

#include "broker/encode.h"
#include "protocol/messages/offset_commit_response.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::offset_commit_request;
using protocol::offset_commit_response;

constexpr std::int16_t first_version_with_group_id_not_found = 9;
constexpr std::int16_t first_version_with_topic_ids = 10;

// Of a partition, in the response.
struct place {
  std::size_t topic;
  std::size_t partition;
};

// Leaves the partitions that are there in the message, by name; the response has all, with the
// errors of the others. Returns where the ones that stay are in the response.
std::vector<place> keep_known_partitions(const cluster::image& image, std::int16_t version,
                                         offset_commit_request& message,
                                         offset_commit_response& response) {
  const bool by_id = version >= first_version_with_topic_ids;
  std::vector<place> places;
  std::size_t kept = 0;
  response.topics.reserve(message.topics.size());
  for (auto& topic : message.topics) {
    const cluster::topic* found =
        by_id ? image.find_topic(topic.topic_id) : image.find_topic(topic.name);
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    const error_code problem = found == nullptr && by_id ? error_code::unknown_topic_id
                                                         : error_code::unknown_topic_or_partition;
    std::erase_if(topic.partitions, [&](const auto& partition) {
      const bool is_there = found != nullptr && found->find(partition.partition_index) != nullptr;
      if (is_there) {
        places.push_back({response.topics.size() - 1, out.partitions.size()});
      }
      out.partitions.push_back({partition.partition_index, problem});
      return !is_there;
    });
    if (topic.partitions.empty()) {
      continue;
    }
    topic.name = found->name;
    if (kept + 1 != response.topics.size()) {
      message.topics[kept] = std::move(topic);
    }
    ++kept;
  }
  message.topics.resize(kept);
  return places;
}

error_code code_for(error_code code, std::int16_t version) {
  return code == error_code::group_id_not_found && version < first_version_with_group_id_not_found
             ? error_code::illegal_generation
             : code;
}

}  // namespace

pending_reply offset_commit(group_services services, request request,
                            offset_commit_request message) {
  const cluster::image_ptr image = services.images.current();
  offset_commit_response response;
  const auto places = keep_known_partitions(*image, request.version, message, response);
  if (places.empty()) {
    co_return encode_reply(request, response);
  }
  const auto codes = co_await services.groups.call<std::vector<error_code>>(
      message.group_id,
      [&](group::machine& machine, group_moment now, group_effects& out,
          group_reply<std::vector<error_code>> to) {
        machine.commit_offsets(message, now, out, std::move(to));
      },
      until_written(services, request));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const error_code code =
        codes ? (*codes)[i] : code_of(codes.error(), error_code::invalid_commit_offset_size);
    response.topics[places[i].topic].partitions[places[i].partition].error_code =
        code_for(code, request.version);
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
