#include "group/subscription.h"

#include "protocol/messages/consumer_protocol_subscription.h"
#include "protocol/reader.h"

namespace barnabas::group {
namespace {

// Every version begins with what version 0 has.
constexpr std::int16_t prefix_version = 0;

bool read_topics(bytes_view metadata, std::set<std::string_view>& into) {
  if (metadata.size() < sizeof(std::int16_t)) {
    return false;
  }
  protocol::reader in(metadata.subspan(sizeof(std::int16_t)));
  protocol::consumer_protocol_subscription read;
  if (!read.read(in, prefix_version)) {
    return false;
  }
  into.insert(read.topics.begin(), read.topics.end());
  return true;
}

}  // namespace

subscription::subscription(const group& group) {
  if (group.members().empty()) {
    is_known_ = true;
    return;
  }
  if (group.protocol_type() != consumer_protocol_type || !group.protocol_name()) {
    return;
  }
  is_known_ = true;
  for (const auto& [id, each] : group.members()) {
    const shared_bytes metadata = each->metadata_for(*group.protocol_name());
    is_known_ = is_known_ && read_topics(metadata.view(), topics_);
  }
}

}  // namespace barnabas::group
