#include "group/commit.h"

#include "group/rebalance.h"
#include "group/records.h"
#include "group/subscription.h"
#include "group/validate.h"

namespace barnabas::group {
namespace {

using protocol::offset_commit_request;

error_code validate(const group* group, const offset_commit_request& request) {
  const std::int32_t generation = request.generation_id_or_member_epoch;
  if (group == nullptr) {
    return generation < 0 ? error_code::none : error_code::group_id_not_found;
  }
  if (generation < 0 && group->is(group_state::empty)) {
    return error_code::none;
  }
  // Without members nobody is found; with members only they may commit.
  const error_code code =
      validate_member(*group, request.member_id, request.group_instance_id, generation);
  if (code != error_code::none) {
    return code;
  }
  return group->is(group_state::completing_rebalance) ? error_code::rebalance_in_progress
                                                      : error_code::none;
}

committed_offset to_commit(const turn& turn, const offset_commit_request& request,
                           const protocol::offset_commit_request_partition& asked) {
  committed_offset out;
  out.partition = asked.partition_index;
  out.leader_epoch = asked.committed_leader_epoch;
  out.offset = asked.committed_offset;
  out.commit_wall_ms = turn.now.wall_ms;
  const std::string_view metadata = asked.committed_metadata.value_or("");
  if (!metadata.empty() || request.retention_time_ms >= 0) {
    out.details = std::make_unique<commit_details>();
    out.details->metadata = metadata;
    if (request.retention_time_ms >= 0) {
      out.details->expire_wall_ms = turn.now.wall_ms + request.retention_time_ms;
    }
  }
  return out;
}

// As Java counts the characters of a string: code units of UTF-16.
std::size_t java_length(std::string_view utf8) {
  std::size_t units = 0;
  for (const char each : utf8) {
    const auto byte = static_cast<unsigned char>(each);
    const bool goes_on = (byte & 0xC0U) == 0x80U;
    const bool is_pair = byte >= 0xF0U;  // the first byte of a character above U+FFFF
    units += goes_on ? 0 : is_pair ? 2 : 1;
  }
  return units;
}

error_code commit_one(turn& turn, const offset_commit_request& request, std::string_view topic,
                      const protocol::offset_commit_request_partition& asked) {
  // Called bytes, but Kafka counts characters.
  const auto limit = static_cast<std::size_t>(turn.limits.offset_metadata_max_bytes);
  if (java_length(asked.committed_metadata.value_or("")) > limit) {
    return error_code::offset_metadata_too_large;
  }
  turn.out.append(offset_record(request.group_id, topic, to_commit(turn, request, asked)));
  return error_code::none;
}

fetched_offset fetched(const committed_offset& offset) {
  return {offset.partition, error_code::none, offset.offset, offset.leader_epoch,
          std::string(offset.metadata())};
}

fetched_offset fetch_one(const group* group, std::string_view topic, std::int32_t partition,
                         bool require_stable) {
  if (group != nullptr && require_stable && group->offsets.is_pending(topic, partition)) {
    return {partition, error_code::unstable_offset_commit, -1, -1, {}};
  }
  const committed_offset* found =
      group == nullptr ? nullptr : group->offsets.find(topic, partition);
  return found == nullptr ? fetched_offset{partition, error_code::none, -1, -1, {}}
                          : fetched(*found);
}

std::vector<fetched_topic> fetch_all(const group* group, bool require_stable) {
  std::vector<fetched_topic> all;
  if (group == nullptr) {
    return all;
  }
  for (const auto& [topic, offsets] : group->offsets.all()) {
    fetched_topic& out = all.emplace_back();
    out.name = topic;
    for (const committed_offset& each : offsets) {
      out.partitions.push_back(fetch_one(group, topic, each.partition, require_stable));
    }
  }
  return all;
}

std::optional<error_code> why_not_delete(const group* group) {
  if (group == nullptr) {
    return error_code::group_id_not_found;
  }
  const bool are_consumers = group->protocol_type() == consumer_protocol_type;
  return group->is(group_state::empty) || are_consumers
             ? std::nullopt
             : std::optional(error_code::non_empty_group);
}

}  // namespace

void commit_offsets(turn& turn, const offset_commit_request& request,
                    coordinator::reply_to<std::vector<error_code>> to) {
  group* const group = turn.all.find(request.group_id);
  const error_code for_all = validate(group, request);
  std::vector<error_code> codes;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      codes.push_back(
          for_all != error_code::none ? for_all : commit_one(turn, request, topic.name, partition));
    }
  }
  member* const alive = group == nullptr ? nullptr : group->find(request.member_id);
  if (for_all == error_code::none && alive != nullptr) {
    renew_session(turn, *group, *alive);
  }
  turn.out.answer(std::move(to), std::move(codes));
}

void fetch_offsets(turn& turn, const protocol::offset_fetch_request_group& request,
                   bool require_stable, coordinator::reply_to<std::vector<fetched_topic>> to) {
  const group* const group = turn.all.find(request.group_id);
  if (!request.topics) {
    return turn.out.answer(std::move(to), fetch_all(group, require_stable));
  }
  std::vector<fetched_topic> found;
  found.reserve(request.topics->size());
  for (const auto& topic : *request.topics) {
    fetched_topic& out = found.emplace_back();
    out.name = topic.name;
    out.partitions.reserve(topic.partition_indexes.size());
    for (const std::int32_t partition : topic.partition_indexes) {
      out.partitions.push_back(fetch_one(group, topic.name, partition, require_stable));
    }
  }
  turn.out.answer(std::move(to), std::move(found));
}

void delete_offsets(turn& turn, const protocol::offset_delete_request& request,
                    coordinator::reply_to<deleted_offsets> to) {
  group* const group = turn.all.find(request.group_id);
  deleted_offsets out;
  if (const auto refused =
          request.group_id.empty() ? error_code::invalid_group_id : why_not_delete(group)) {
    out.error = *refused;
    return turn.out.answer(std::move(to), std::move(out));
  }
  const subscription read(*group);
  tombstones written(turn);
  for (const auto& topic : request.topics) {
    const bool is_read = read.has(topic.name);
    for (const auto& partition : topic.partitions) {
      out.partitions.push_back(is_read ? error_code::group_subscribed_to_topic : error_code::none);
      if (!is_read && group->offsets.find(topic.name, partition.partition_index) != nullptr) {
        out.has_more |=
            !written.add(offset_tombstone(request.group_id, topic.name, partition.partition_index));
      }
    }
  }
  turn.out.answer(std::move(to), std::move(out));
}

}  // namespace barnabas::group
