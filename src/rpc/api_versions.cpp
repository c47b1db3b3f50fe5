#include "rpc/api_versions.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/messages/api_versions_response.h"

namespace barnabas::rpc {

api_versions::api_versions(const protocol::api_versions_response& answer) {
  for (const auto& each : answer.api_keys) {
    if (each.api_key >= 0 && static_cast<std::size_t>(each.api_key) < keys) {
      ranges_[static_cast<std::size_t>(each.api_key)] = {each.min_version, each.max_version};
    }
  }
  for (const auto& each : answer.finalized_features) {
    levels_[std::string(each.name)] = each.max_version_level;
  }
}

std::int16_t api_versions::level_of(std::string_view feature) const {
  const auto found = levels_.find(feature);
  return found == levels_.end() ? std::int16_t{0} : found->second;
}

bool api_versions::has(protocol::api_key key) const {
  const version_range& range = ranges_.at(static_cast<std::size_t>(key));
  return range.highest >= range.lowest;
}

result<std::int16_t> api_versions::choose(protocol::api_key key, version_range wanted) const {
  const version_range& range = ranges_.at(static_cast<std::size_t>(key));
  if (!has(key)) {
    return fail(error_code::unsupported_version,
                fmt::format("the broker does not serve {}", protocol::api_of(key).name));
  }
  const std::int16_t version = std::min(range.highest, wanted.highest);
  if (version < range.lowest || version < wanted.lowest) {
    return fail(error_code::unsupported_version,
                fmt::format("the broker serves {} in versions {} to {}, this client {} to {}",
                            protocol::api_of(key).name, range.lowest, range.highest, wanted.lowest,
                            wanted.highest));
  }
  return version;
}

}  // namespace barnabas::rpc
