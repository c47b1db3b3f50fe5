#include "broker/handlers/offset_fetch.h"

#include "broker/encode.h"
#include "protocol/messages/offset_fetch_response.h"
#include "runtime/task_group.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::offset_fetch_response;
using asked_group = protocol::offset_fetch_request_group;
using answer = result<std::vector<group::fetched_topic>>;

constexpr std::int16_t first_version_with_error = 2;
constexpr std::int16_t first_version_with_groups = 8;
constexpr std::int16_t first_version_with_topic_ids = 10;

// One form for all versions: groups.
void make_group(protocol::offset_fetch_request& message) {
  asked_group& only = message.groups.emplace_back();
  only.group_id = message.group_id;
  only.topics.reset();
  if (message.topics) {
    only.topics.emplace();
    for (auto& topic : *message.topics) {
      only.topics->push_back({topic.name, {}, std::move(topic.partition_indexes)});
    }
  }
}

// Names for ids; a topic that is not there keeps none.
void find_names(const cluster::image& image, asked_group& group) {
  if (group.topics) {
    for (auto& topic : *group.topics) {
      const cluster::topic* found = image.find_topic(topic.topic_id);
      topic.name = found == nullptr ? std::string_view() : found->name;
    }
  }
}

runtime::task<answer> ask(group_services services, const request& request, const asked_group& group,
                          bool require_stable) {
  return services.groups.call<std::vector<group::fetched_topic>>(
      group.group_id,
      [&group, require_stable](group::machine& machine, group_moment now, group_effects& out,
                               group_reply<std::vector<group::fetched_topic>> to) {
        machine.fetch_offsets(group, require_stable, now, out, std::move(to));
      },
      until_written(services, request));
}

template <class Partition>
Partition shown(const group::fetched_offset& offset) {
  return {offset.partition, offset.offset, offset.leader_epoch, offset.metadata, offset.error};
}

// Before version 8. Version 1 has no place for an error but its partitions.
void show_only(const answer& found, const asked_group& group, std::int16_t version,
               offset_fetch_response& out) {
  if (found) {
    for (const group::fetched_topic& topic : *found) {
      auto& each = out.topics.emplace_back();
      each.name = topic.name;
      for (const group::fetched_offset& offset : topic.partitions) {
        each.partitions.push_back(shown<protocol::offset_fetch_response_partition>(offset));
      }
    }
    return;
  }
  out.error_code = code_of(found.error());
  if (version < first_version_with_error && group.topics) {
    for (const auto& topic : *group.topics) {
      auto& each = out.topics.emplace_back();
      each.name = topic.name;
      for (const std::int32_t partition : topic.partition_indexes) {
        each.partitions.push_back({partition, -1, -1, "", out.error_code});
      }
    }
  }
}

void show_topic(const group::fetched_topic& topic, const uuid& id, bool is_known,
                offset_fetch_response::group& out) {
  auto& each = out.topics.emplace_back();
  each.name = topic.name;
  each.topic_id = id;
  for (const group::fetched_offset& offset : topic.partitions) {
    auto& one = each.partitions.emplace_back(
        shown<protocol::offset_fetch_response_offset_fetch_response_partitions>(offset));
    if (!is_known) {
      one.error_code = error_code::unknown_topic_id;
    }
  }
}

void show_group(const answer& found, const asked_group& group, const cluster::image* ids,
                offset_fetch_response& response) {
  auto& out = response.groups.emplace_back();
  out.group_id = group.group_id;
  if (!found) {
    out.error_code = code_of(found.error());
    return;
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    const group::fetched_topic& topic = (*found)[i];
    if (ids == nullptr) {
      show_topic(topic, {}, true, out);
    } else if (group.topics) {
      show_topic(topic, (*group.topics)[i].topic_id, !topic.name.empty(), out);
    } else if (const cluster::topic* known = ids->find_topic(topic.name); known != nullptr) {
      show_topic(topic, known->id, true, out);
    }
  }
}

}  // namespace

pending_reply offset_fetch(group_services services, request request,
                           protocol::offset_fetch_request message) {
  const cluster::image_ptr image = services.images.current();
  const bool by_id = request.version >= first_version_with_topic_ids;
  if (request.version < first_version_with_groups) {
    make_group(message);
  }
  std::vector<runtime::task<answer>> calls;
  for (asked_group& group : message.groups) {
    if (by_id) {
      find_names(*image, group);
    }
    calls.push_back(ask(services, request, group, message.require_stable));
  }
  std::vector<answer> found;
  if (!calls.empty()) {
    found = co_await runtime::when_all(std::move(calls));
  }
  offset_fetch_response response;
  if (request.version < first_version_with_groups) {
    show_only(found.front(), message.groups.front(), request.version, response);
  } else {
    for (std::size_t i = 0; i < found.size(); ++i) {
      show_group(found[i], message.groups[i], by_id ? image.get() : nullptr, response);
    }
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
