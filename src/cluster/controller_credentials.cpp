#include <fmt/format.h>

#include "base/log.h"
#include "cluster/detail/controller_state.h"
#include "cluster/detail/quota_nodes.h"

namespace barnabas::cluster {

using runtime::task;

task<std::vector<result<>>> controller::state::alter_credentials(
    std::vector<credential_change> changes) {
  std::vector<result<>> answers;
  for (const credential_change& change : changes) {
    answers.push_back(co_await alter_credential(change));
  }
  co_return answers;
}

// Credentials stand in the node of the user's quotas.
task<result<>> controller::state::alter_credential(credential_change change) {
  const quota_entity user{.user = change.user};
  auto node = co_await detail::read_quota_node(*session, user);
  if (!node) {
    co_return std::unexpected(node.error());
  }
  for (const credential_edit& edit : change.edits) {
    if (edit.text) {
      (*node)[edit.mechanism] = *edit.text;
    } else if (node->erase(edit.mechanism) == 0) {
      co_return fail(
          error_code::resource_not_found,
          fmt::format("user '{}' has no {} credential to delete", change.user, edit.mechanism));
    }
  }
  if (auto written = co_await detail::write_quota_node(*session, user, *node, term); !written) {
    co_return written;
  }
  log(log_level::info, "cluster", "changed credentials", {field("user", change.user)});
  co_return {};
}

task<result<named_overrides>> controller::state::read_users() {
  return detail::read_user_nodes(*session);
}

}  // namespace barnabas::cluster
