#include <algorithm>
#include <set>

#include "base/log.h"
#include "cluster/detail/controller_state.h"
#include "cluster/detail/quota_nodes.h"
#include "cluster/detail/quota_plans.h"

namespace barnabas::cluster {

using runtime::task;

task<std::vector<result<>>> controller::state::alter_quotas(std::vector<quota_change> changes,
                                                            bool validate_only) {
  std::vector<result<>> answers;
  std::set<quota_entity> seen;
  for (const quota_change& change : changes) {
    if (seen.insert(change.entity).second) {
      answers.push_back(co_await alter_quota(change, validate_only));
    } else {
      answers.push_back(fail(error_code::invalid_request,
                             detail::quota_path(change.entity) + " is named more than once"));
    }
  }
  co_return answers;
}

// The node is read anew: what it holds beside quotas is not in the image.
task<result<>> controller::state::alter_quota(quota_change change, bool validate_only) {
  const auto now = co_await detail::read_quota_node(*session, change.entity);
  if (!now) {
    co_return std::unexpected(now.error());
  }
  const auto after = detail::plan_quotas(*now, change);
  if (!after || validate_only) {
    co_return after ? result<>{} : std::unexpected(after.error());
  }
  if (auto written = co_await detail::write_quota_node(*session, change.entity, *after, term);
      !written) {
    co_return written;
  }
  std::string bad_key;
  const quota_values values = detail::quota_values_of(*after, bad_key);
  auto all = std::make_shared<client_quotas>(*newest->quotas);
  if (std::ranges::any_of(values, [](const auto& value) { return value.has_value(); })) {
    (*all)[change.entity] = values;
  } else {
    all->erase(change.entity);
  }
  co_await publish([&](image& next) { next.quotas = all; });
  log(log_level::info, "cluster", "changed quotas",
      {field("of", detail::quota_path(change.entity))});
  co_return {};
}

}  // namespace barnabas::cluster
