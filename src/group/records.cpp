#include "group/records.h"

#include <fmt/format.h>

#include "base/endian.h"
#include "protocol/messages/group_metadata_key.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace barnabas::group {
namespace {

constexpr std::int16_t offset_key_version = 1;
constexpr std::int16_t group_key_version = 2;
constexpr std::int16_t offset_value_version = 3;
constexpr std::int16_t offset_value_with_expiry_version = 1;
constexpr std::int16_t group_value_version = 3;
constexpr std::size_t batch_header_bytes = 61;
constexpr std::size_t record_overhead_bytes = 32;  // lengths and deltas, at most

std::size_t size_of(const coordinator::new_record& record) {
  return record_overhead_bytes + record.key.size() + (record.value ? record.value->size() : 0);
}

template <class Message>
std::string encode(const Message& message, std::int16_t version) {
  std::string bytes(sizeof version + message.encoded_size(version), '\0');
  const mutable_bytes all(reinterpret_cast<std::byte*>(bytes.data()), bytes.size());
  store_big_endian(all.data(), version);
  protocol::writer out(all.subspan(sizeof version));
  ensure(message.write(out, version) && out.is_full(), "a record that its version cannot say");
  return bytes;
}

result<std::int16_t> version_of(bytes_view bytes, const char* what) {
  if (bytes.size() < sizeof(std::int16_t)) {
    return fail(error_code::invalid_record, fmt::format("{} without a version", what));
  }
  return load_big_endian<std::int16_t>(bytes.data());
}

template <class Message>
result<Message> decode(bytes_view bytes, std::int16_t highest, const char* what) {
  const auto version = version_of(bytes, what);
  if (!version) {
    return std::unexpected(version.error());
  }
  if (*version < 0 || *version > highest) {
    return fail(error_code::unsupported_version, fmt::format("{} of version {}", what, *version));
  }
  Message message;
  protocol::reader in(bytes.subspan(sizeof *version));
  if (!message.read(in, *version)) {
    return fail(error_code::invalid_record, fmt::format("{}: {}", what, in.error_text()));
  }
  return message;
}

template <class Value>
result<std::optional<Value>> decode_value(const coordinator::logged_record& record,
                                          const char* what) {
  if (!record.value) {
    return std::optional<Value>();
  }
  auto value = decode<Value>(*record.value, Value::highest_version, what);
  if (!value) {
    return std::unexpected(std::move(value.error()));
  }
  return std::optional<Value>(std::move(*value));
}

protocol::group_metadata_value_member_metadata written(const member& member,
                                                       std::string_view protocol,
                                                       bytes_view assignment) {
  protocol::group_metadata_value_member_metadata out;
  out.member_id = member.id;
  out.group_instance_id = member.instance_id;
  out.client_id = member.client_id;
  out.client_host = member.client_host;
  out.rebalance_timeout = member.rebalance_timeout_ms;
  out.session_timeout = member.session_timeout_ms;
  out.subscription = member.metadata_for(protocol).view();
  out.assignment = assignment;
  return out;
}

}  // namespace

coordinator::new_record offset_record(std::string_view group_id, std::string_view topic,
                                      const committed_offset& offset) {
  protocol::offset_commit_value value;
  value.offset = offset.offset;
  value.metadata = offset.metadata();
  value.commit_timestamp = offset.commit_wall_ms;
  std::int16_t version = offset_value_version;
  if (offset.details && offset.details->expire_wall_ms) {
    value.expire_timestamp = *offset.details->expire_wall_ms;
    version = offset_value_with_expiry_version;
  } else {
    value.leader_epoch = offset.leader_epoch;
  }
  coordinator::new_record record = offset_tombstone(group_id, topic, offset.partition);
  record.value = encode(value, version);
  return record;
}

coordinator::new_record offset_tombstone(std::string_view group_id, std::string_view topic,
                                         std::int32_t partition) {
  protocol::offset_commit_key key;
  key.group = group_id;
  key.topic = topic;
  key.partition = partition;
  return {encode(key, offset_key_version), std::nullopt};
}

coordinator::new_record group_tombstone(std::string_view group_id) {
  protocol::group_metadata_key key;
  key.group = group_id;
  return {encode(key, group_key_version), std::nullopt};
}

coordinator::new_record group_record(const group& group, std::int64_t now_wall_ms,
                                     const assignments& assignment_of) {
  protocol::group_metadata_value value;
  value.protocol_type = group.protocol_type() ? std::string_view(*group.protocol_type()) : "";
  value.generation = group.generation();
  value.protocol = group.protocol_name();
  value.leader.reset();
  if (!group.leader().empty()) {
    value.leader = group.leader();
  }
  value.current_state_timestamp = now_wall_ms;
  for (const auto& [id, each] : group.members()) {
    value.members.push_back(written(*each, value.protocol.value_or(""), assignment_of(*each)));
  }
  coordinator::new_record record = group_tombstone(group.id());
  record.value = encode(value, group_value_version);
  return record;
}

bool fits_batch(const coordinator::new_record& record, std::size_t max_batch_bytes) {
  return batch_header_bytes + size_of(record) <= max_batch_bytes;
}

bool tombstones::add(coordinator::new_record tombstone) {
  const std::size_t bytes = size_of(tombstone);
  if (count_ > 0 && batch_header_bytes + bytes_ + bytes > turn_.limits.max_batch_bytes) {
    return false;
  }
  bytes_ += bytes;
  ++count_;
  turn_.out.append(std::move(tombstone));
  return true;
}

std::optional<std::int16_t> kind_of(const coordinator::logged_record& record) {
  const auto version = version_of(record.key, "a record's key");
  return version ? std::optional(*version) : std::nullopt;
}

result<change> read_record(const coordinator::logged_record& record) {
  const auto version = version_of(record.key, "a record's key");
  if (!version) {
    return std::unexpected(version.error());
  }
  if (*version == group_key_version) {
    auto key =
        decode<protocol::group_metadata_key>(record.key, group_key_version, "GroupMetadataKey");
    auto value = decode_value<protocol::group_metadata_value>(record, "GroupMetadataValue");
    if (!key || !value) {
      return std::unexpected(std::move(key ? value.error() : key.error()));
    }
    return group_change{key->group, std::move(*value)};
  }
  auto key = decode<protocol::offset_commit_key>(record.key, offset_key_version,
                                                 "a key of __consumer_offsets");
  auto value = decode_value<protocol::offset_commit_value>(record, "OffsetCommitValue");
  if (!key || !value) {
    return std::unexpected(std::move(key ? value.error() : key.error()));
  }
  return offset_change{*key, *value};
}

}  // namespace barnabas::group
