#include "log_dump/internal_records.h"

#include <fmt/format.h>

#include <array>

#include "protocol/json.h"
#include "protocol/message_type.h"

namespace barnabas::app {
namespace {

// A kind of record: its topic, the version of its key, and its messages' name before Key and Value.
struct record_kind {
  std::string_view topic;
  std::int16_t key_version;
  std::string_view name;
};

constexpr std::string_view offsets = "__consumer_offsets";
constexpr std::string_view transactions = "__transaction_state";
constexpr std::string_view share_state = "__share_group_state";

constexpr std::array kinds{
    record_kind{offsets, 0, "OffsetCommit"},
    record_kind{offsets, 1, "OffsetCommit"},
    record_kind{offsets, 2, "GroupMetadata"},
    record_kind{offsets, 3, "ConsumerGroupMetadata"},
    record_kind{offsets, 4, "ConsumerGroupPartitionMetadata"},
    record_kind{offsets, 5, "ConsumerGroupMemberMetadata"},
    record_kind{offsets, 6, "ConsumerGroupTargetAssignmentMetadata"},
    record_kind{offsets, 7, "ConsumerGroupTargetAssignmentMember"},
    record_kind{offsets, 8, "ConsumerGroupCurrentMemberAssignment"},
    record_kind{offsets, 9, "ShareGroupPartitionMetadata"},
    record_kind{offsets, 10, "ShareGroupMemberMetadata"},
    record_kind{offsets, 11, "ShareGroupMetadata"},
    record_kind{offsets, 12, "ShareGroupTargetAssignmentMetadata"},
    record_kind{offsets, 13, "ShareGroupTargetAssignmentMember"},
    record_kind{offsets, 14, "ShareGroupCurrentMemberAssignment"},
    record_kind{offsets, 15, "ShareGroupStatePartitionMetadata"},
    record_kind{offsets, 16, "ConsumerGroupRegularExpression"},
    record_kind{offsets, 17, "StreamsGroupMetadata"},
    record_kind{offsets, 19, "StreamsGroupMemberMetadata"},
    record_kind{offsets, 20, "StreamsGroupTargetAssignmentMetadata"},
    record_kind{offsets, 21, "StreamsGroupTargetAssignmentMember"},
    record_kind{offsets, 22, "StreamsGroupCurrentMemberAssignment"},
    record_kind{offsets, 23, "StreamsGroupTopology"},
    record_kind{transactions, 0, "TransactionLog"},
    record_kind{share_state, 0, "ShareSnapshot"},
    record_kind{share_state, 1, "ShareUpdate"},
};

outcome<std::int16_t> version_of(bytes_view bytes, std::string_view what) {
  if (bytes.size() < 2) {
    return std::unexpected(failure{exit_code::failed, fmt::format("{} has no version", what), {}});
  }
  return static_cast<std::int16_t>(std::to_integer<unsigned>(bytes[0]) << 8U |
                                   std::to_integer<unsigned>(bytes[1]));
}

// The message behind the version. Keys are read as their newest version: theirs is a number of
// their kind.
outcome<std::string> json_of_message(const std::string& name, bytes_view bytes, bool is_key) {
  const auto stored = version_of(bytes, name);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  const protocol::message_type* type = protocol::find_message_type(name);
  if (type == nullptr) {
    return std::unexpected(failure{exit_code::failed, name + " is no known message", {}});
  }
  const std::int16_t version = is_key ? type->highest_version : *stored;
  if (version < type->lowest_version || version > type->highest_version) {
    return std::unexpected(failure{
        exit_code::failed, fmt::format("version {} of {} is not known", version, name), {}});
  }
  protocol::any_message message(*type);
  protocol::reader in(bytes.subspan(2));
  if (!message.read(in, version)) {
    return std::unexpected(failure{exit_code::failed, name + ": " + in.error_text(), {}});
  }
  return protocol::to_json(*type->description, message.get(), version);
}

}  // namespace

bool is_internal_topic(std::string_view topic) {
  return std::ranges::find(kinds, topic, &record_kind::topic) != kinds.end();
}

outcome<decoded_record> decode_internal(std::string_view topic, std::optional<bytes_view> key,
                                        std::optional<bytes_view> value) {
  const auto version = version_of(key.value_or(bytes_view()), "the key");
  if (!version) {
    return std::unexpected(version.error());
  }
  const auto kind = std::ranges::find_if(kinds, [&](const record_kind& one) {
    return one.topic == topic && one.key_version == *version;
  });
  if (kind == kinds.end()) {
    return std::unexpected(failure{
        exit_code::failed, fmt::format("{} has no keys of version {}", topic, *version), {}});
  }
  const std::string name(kind->name);
  decoded_record record{.type = name};
  auto text = json_of_message(name + "Key", *key, true);
  if (!text) {
    return std::unexpected(text.error());
  }
  record.key = std::move(*text);
  if (value) {
    text = json_of_message(name + "Value", *value, false);
    if (!text) {
      return std::unexpected(text.error());
    }
    record.value = std::move(*text);
  }
  return record;
}

}  // namespace barnabas::app
