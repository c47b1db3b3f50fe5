#include "group/group_state.h"

#include "base/ensure.h"

namespace barnabas::group {

std::string_view state_name(group_state state) {
  switch (state) {
    case group_state::empty:
      return "Empty";
    case group_state::preparing_rebalance:
      return "PreparingRebalance";
    case group_state::completing_rebalance:
      return "CompletingRebalance";
    case group_state::stable:
      return "Stable";
    case group_state::dead:
      return "Dead";
  }
  ensure(false, "an unknown state of a group");
  return {};
}

}  // namespace barnabas::group
