#include "client/group_protocol.h"

#include <algorithm>

#include "base/endian.h"
#include "base/ensure.h"
#include "protocol/message_bytes.h"
#include "protocol/messages/consumer_protocol_assignment.h"
#include "protocol/messages/consumer_protocol_subscription.h"

namespace barnabas::client {
namespace {

using protocol::consumer_protocol_assignment;
using protocol::consumer_protocol_subscription;
using ownership = protocol::consumer_protocol_subscription_topic_partition;

template <class Message>
std::vector<std::byte> versioned_bytes(const Message& message) {
  std::vector<std::byte> bytes(sizeof(std::int16_t));
  store_big_endian(bytes.data(), Message::highest_version);
  ensure(protocol::append_bytes(bytes, message, Message::highest_version).has_value(),
         "the highest version carries everything");
  return bytes;
}

template <class Message>
result<Message> read_versioned(bytes_view bytes, const char* what) {
  if (bytes.size() < sizeof(std::int16_t)) {
    return fail(error_code::inconsistent_group_protocol, std::string(what) + " without a version");
  }
  const auto version = load_big_endian<std::int16_t>(bytes.data());
  Message message;
  protocol::reader in(bytes.subspan(sizeof(std::int16_t)));
  if (version < 0 || !message.read(in, std::min(version, Message::highest_version))) {
    return fail(error_code::inconsistent_group_protocol,
                std::string(what) + " that cannot be read: " + in.error_text());
  }
  return message;
}

template <class Topic>
std::vector<Topic> by_topic(const std::vector<topic_partition>& partitions) {
  std::vector<Topic> topics;
  for (const topic_partition& each : partitions) {
    if (topics.empty() || topics.back().topic != each.topic) {
      topics.push_back({.topic = each.topic});
    }
    topics.back().partitions.push_back(each.partition);
  }
  return topics;
}

template <class Topics>
std::vector<topic_partition> flat(const Topics& topics) {
  std::vector<topic_partition> partitions;
  for (const auto& topic : topics) {
    for (const std::int32_t each : topic.partitions) {
      partitions.push_back({std::string(topic.topic), each});
    }
  }
  std::ranges::sort(partitions);
  return partitions;
}

void append_number(std::vector<std::byte>& bytes, std::int32_t number) {
  bytes.resize(bytes.size() + sizeof(number));
  store_big_endian(bytes.data() + bytes.size() - sizeof(number), number);
}

void append_topics(std::vector<std::byte>& bytes, const std::vector<topic_partition>& partitions) {
  const auto topics = by_topic<ownership>(partitions);
  append_number(bytes, static_cast<std::int32_t>(topics.size()));
  for (const auto& each : topics) {
    ensure(protocol::append_bytes(bytes, each, 1).has_value(), "a topic fits in version 1");
  }
}

// Null where the strategy has none.
std::optional<std::vector<std::byte>> user_data_of(const member_subscription& member,
                                                   const assignor& how) {
  std::vector<std::byte> data;
  if (how.owned_in == ownership_place::sticky_user_data) {
    if (member.generation < 0) {
      return std::nullopt;
    }
    append_topics(data, member.owned);
  } else if (!how.is_cooperative) {
    return std::nullopt;
  }
  append_number(data, member.generation);
  return data;
}

// What version 2 says for all, sticky members and older ones say in their user data.
result<> read_user_data(bytes_view data, const assignor& how, member_subscription& member) {
  protocol::reader in(data);
  if (how.owned_in == ownership_place::sticky_user_data) {
    std::vector<ownership> owned;
    const std::int32_t topics = in.count(false, false, 6, sizeof(ownership), "topics");
    for (std::int32_t i = 0; i < topics && in.ok(); ++i) {
      owned.emplace_back().read(in, 1);
    }
    member.owned = flat(owned);
  }
  // Members of before Kafka 2.3 do not say their generation.
  if (const std::byte* const at = in.remaining() > 0 ? in.take(4, "generation") : nullptr) {
    member.generation = load_big_endian<std::int32_t>(at);
  }
  if (!in.ok()) {
    return fail(error_code::inconsistent_group_protocol,
                "user data of " + std::string(how.name) + ": " + in.error_text());
  }
  return {};
}

}  // namespace

std::vector<std::byte> subscription_bytes(const member_subscription& member, const assignor& how) {
  consumer_protocol_subscription said;
  said.topics.assign(member.topics.begin(), member.topics.end());
  const auto user_data = user_data_of(member, how);
  if (user_data) {
    said.user_data = *user_data;
  }
  if (how.is_cooperative) {
    said.owned_partitions = by_topic<ownership>(member.owned);
  }
  said.generation_id = member.generation;
  if (!member.rack.empty()) {
    said.rack_id = member.rack;
  }
  return versioned_bytes(said);
}

result<> read_subscription(bytes_view bytes, const assignor& how, member_subscription& member) {
  const auto said = read_versioned<consumer_protocol_subscription>(bytes, "a subscription");
  if (!said) {
    return fail(said.error());
  }
  member.topics.assign(said->topics.begin(), said->topics.end());
  member.owned = flat(said->owned_partitions);
  member.generation = said->generation_id;
  member.rack = said->rack_id.value_or("");
  const bool says_all = how.is_cooperative && said->generation_id >= 0;
  if (said->user_data && !says_all &&
      (how.is_cooperative || how.owned_in == ownership_place::sticky_user_data)) {
    return read_user_data(*said->user_data, how, member);
  }
  return {};
}

std::vector<std::byte> assignment_bytes(const std::vector<topic_partition>& partitions) {
  consumer_protocol_assignment said;
  said.assigned_partitions =
      by_topic<protocol::consumer_protocol_assignment_topic_partition>(partitions);
  return versioned_bytes(said);
}

result<std::vector<topic_partition>> read_assignment(bytes_view bytes) {
  if (bytes.empty()) {
    return std::vector<topic_partition>();
  }
  const auto said = read_versioned<consumer_protocol_assignment>(bytes, "an assignment");
  return said ? result<std::vector<topic_partition>>(flat(said->assigned_partitions))
              : fail(said.error());
}

}  // namespace barnabas::client
