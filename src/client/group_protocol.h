// What members of a group of the classic protocol say to each other through the coordinator, byte
// by byte as Apache Kafka's do (its class ConsumerProtocol):
//
//   subscription = version:int16 ConsumerProtocolSubscription
//   assignment   = version:int16 ConsumerProtocolAssignment
//
// with the user data of the two sticky strategies in the subscription:
//
//   sticky             = [topic:string [partition:int32]] generation:int32
//   cooperative-sticky = generation:int32
//
// Later versions begin with what earlier ones have, so one newer than ours is read as ours.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "client/assignor.h"

namespace barnabas::client {

// `member.owned` and `generation` say what the member read last; a strategy that is not cooperative
// says so in its user data or not at all.
std::vector<std::byte> subscription_bytes(const member_subscription& member, const assignor& how);
// Into all of `member` but its ids.
result<> read_subscription(bytes_view bytes, const assignor& how, member_subscription& member);

std::vector<std::byte> assignment_bytes(const std::vector<topic_partition>& partitions);
// No bytes are no partitions.
result<std::vector<topic_partition>> read_assignment(bytes_view bytes);

}  // namespace barnabas::client
