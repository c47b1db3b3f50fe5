#include "broker/quota/client_limits.h"

#include "broker/quota/lookup.h"

namespace barnabas::broker {

client_limits_ptr find_limits(client_limits_ptr known, quota_meters& meters,
                              const std::shared_ptr<const cluster::client_quotas>& quotas,
                              std::string_view principal, std::string_view client_id) {
  if (known && known->is_for(quotas, principal, client_id)) {
    return known;
  }
  auto limits = std::make_shared<client_limits>(
      client_limits{quotas, std::string(principal), std::string(client_id), {}});
  limits->are_mutations_limited = find_quota(*quotas, cluster::quota_kind::controller_mutation_rate,
                                             user_of(principal), client_id)
                                      .has_value();
  for (std::size_t kind = 0; kind < limits->of.size(); ++kind) {
    if (const auto found = find_quota(*quotas, static_cast<cluster::quota_kind>(kind),
                                      user_of(principal), client_id)) {
      limits->of[kind] = {found->limit, meters.find(found->key)};
    }
  }
  return limits;
}

}  // namespace barnabas::broker
