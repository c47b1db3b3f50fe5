// The quotas of one client, found once and kept by its session until the client's name or the
// quotas change. Lives on the connection's shard; immutable but for the meters' content.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "broker/quota/meters.h"
#include "cluster/image_board.h"
#include "cluster/quotas.h"

namespace barnabas::broker {

struct client_limits {
  struct limit {
    double a_second = 0;
    meter_ptr meter;  // null: not limited
  };

  std::shared_ptr<const cluster::client_quotas> source;
  std::string principal;
  std::string client_id;
  std::array<limit, 3> of;             // by quota_kind, the first three
  bool are_mutations_limited = false;  // which shard 0 counts

  const limit& get(cluster::quota_kind kind) const { return of[static_cast<std::size_t>(kind)]; }
  bool is_limited() const {
    return of[0].meter || of[1].meter || of[2].meter || are_mutations_limited;
  }
  bool is_for(const std::shared_ptr<const cluster::client_quotas>& quotas,
              std::string_view of_principal, std::string_view of_client) const {
    return source == quotas && client_id == of_client && principal == of_principal;
  }
};
using client_limits_ptr = std::shared_ptr<const client_limits>;

// What `known` says, anew if it is null or of another client or of older quotas.
client_limits_ptr find_limits(client_limits_ptr known, quota_meters& meters,
                              const std::shared_ptr<const cluster::client_quotas>& quotas,
                              std::string_view principal, std::string_view client_id);

}  // namespace barnabas::broker
