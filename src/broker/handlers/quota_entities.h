// What DescribeClientQuotas and AlterClientQuotas call the parts of an entity.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/quotas.h"

namespace barnabas::broker::handlers {

struct quota_entity_type {
  std::string_view name;
  std::optional<std::string> cluster::quota_entity::* part;
};
inline constexpr std::array<quota_entity_type, 3> quota_entity_types = {{
    {"user", &cluster::quota_entity::user},
    {"client-id", &cluster::quota_entity::client_id},
    {"ip", &cluster::quota_entity::ip},
}};

// Null for a name that is none of them.
inline const quota_entity_type* find_quota_entity_type(std::string_view name) {
  const auto found = std::ranges::find(quota_entity_types, name, &quota_entity_type::name);
  return found == quota_entity_types.end() ? nullptr : &*found;
}

}  // namespace barnabas::broker::handlers
