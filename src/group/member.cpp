#include "group/member.h"

#include <algorithm>

namespace barnabas::group {

shared_bytes member::metadata_for(std::string_view protocol) const {
  const auto found = std::ranges::find(protocols, protocol, &member_protocol::name);
  return found == protocols.end() ? shared_bytes() : found->metadata;
}

bool member::offers(std::span<const protocol::join_group_request_protocol> asked) const {
  return std::ranges::equal(protocols, asked, [](const auto& mine, const auto& other) {
    return mine.name == other.name && as_text(mine.metadata.view()) == as_text(other.metadata);
  });
}

std::vector<member_protocol> copy_of(std::span<const protocol::join_group_request_protocol> asked) {
  std::vector<member_protocol> copies;
  copies.reserve(asked.size());
  for (const auto& each : asked) {
    copies.push_back({std::string(each.name), shared_bytes::copy_of(each.metadata)});
  }
  return copies;
}

}  // namespace barnabas::group
