// Which quota holds for a client: the most specific of the eight levels of entities that has one
// (KIP-55, KIP-257). The level also says with whom the client shares it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cluster/quotas.h"

namespace barnabas::broker {

struct client_quota {
  double limit = 0;
  // Clients that use the same quota have the same key: of the user's and the client's name what the
  // level names. A default is a limit that each has for himself.
  std::string key;
};

// Nothing where no quota holds: not limited.
std::optional<client_quota> find_quota(const cluster::client_quotas& quotas,
                                       cluster::quota_kind kind, std::string_view user,
                                       std::string_view client_id);

// "ann" of "User:ann".
std::string_view user_of(std::string_view principal);

}  // namespace barnabas::broker
