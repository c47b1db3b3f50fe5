// What the client may do to a thing, as brokers say it when they are asked to: a bit for each
// operation of acl_operation.
#pragma once

#include <limits>

#include <barnabas/admin/security.h>

namespace barnabas::client {

// Nothing when the broker was not asked.
inline std::optional<kafka::operation_list> operations_of(std::int32_t bits) {
  if (bits == std::numeric_limits<std::int32_t>::min()) {
    return std::nullopt;
  }
  kafka::operation_list operations;
  for (std::int8_t each = 0; each < 31; ++each) {
    if ((bits >> each & 1) != 0) {
      operations.push_back(static_cast<kafka::acl_operation>(each));
    }
  }
  return operations;
}

}  // namespace barnabas::client
