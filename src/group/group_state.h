// The states of a group and the legal ways between them:
//
//   empty                 no members, perhaps offsets
//     -> preparing_rebalance    somebody joins
//     -> dead                   deleted, or its last offset has expired
//   preparing_rebalance   waits for its members to join (again)
//     -> completing_rebalance   all have, or the time is up
//     -> empty                  nobody is left
//   completing_rebalance  waits for the leader's assignment
//     -> stable                 it is written
//     -> preparing_rebalance    somebody joins, leaves or fails
//   stable
//     -> preparing_rebalance    somebody joins, leaves or fails, or the leader asks for it
//
// Loading makes a group empty or stable, whatever it was. A dead group is not kept: the state is
// only what a stranger hears about it.
#pragma once

#include <cstdint>
#include <string_view>

namespace barnabas::group {

enum class group_state : std::uint8_t {
  empty,
  preparing_rebalance,
  completing_rebalance,
  stable,
  dead
};

// As Kafka calls them: "PreparingRebalance".
std::string_view state_name(group_state state);

}  // namespace barnabas::group
