// Which versions of which requests a broker speaks, as it said itself (KIP-35), and which features
// its cluster has switched on (KIP-584). A value.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/api_keys.h"

namespace barnabas::protocol {
struct api_versions_response;
}  // namespace barnabas::protocol

namespace barnabas::rpc {

struct version_range {
  std::int16_t lowest = 0;
  std::int16_t highest = -1;
};

class api_versions {
 public:
  api_versions() = default;
  explicit api_versions(const protocol::api_versions_response& answer);

  bool has(protocol::api_key key) const;
  // The highest version that the broker and `wanted` share; unsupported_version names both ranges.
  result<std::int16_t> choose(protocol::api_key key, version_range wanted) const;
  // The level at which the cluster has a feature, as in "transaction.version"; 0: it has not.
  std::int16_t level_of(std::string_view feature) const;

 private:
  static constexpr std::size_t keys = 128;
  std::array<version_range, keys> ranges_{};
  std::map<std::string, std::int16_t, std::less<>> levels_;
};

}  // namespace barnabas::rpc
