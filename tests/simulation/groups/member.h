// A member of a group: joins, is the leader when it is told so, holds its partitions with
// heartbeats, goes on from the committed offsets and commits further ones, leaves, and comes back
// after every trouble. Lives on the one shard of its machine while a process runs there; the object
// belongs to the test and outlives the processes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "groups/group_model.h"
#include "protocol/messages/join_group_response.h"
#include "wire.h"

namespace barnabas::trial {

// What all members of a trial share; outlives them.
struct group_surroundings {
  const group_plan& plan;
  group_model& model;
  bool is_calm = false;     // nobody leaves any more
  bool should_end = false;  // set by the test
};

std::string group_name(int group);

class member {
 public:
  member(group_surroundings& around, const member_plan& plan);

  // A process of it, until the test ends.
  runtime::task<> run(runtime::world& world);
  std::string last_problem() const { return last_problem_; }

 private:
  // An error ends the connection; else what an answer's code means for the member.
  enum class next : std::uint8_t { go_on, join_again };

  runtime::task<result<>> use(wire& to);
  runtime::task<result<>> prepare(wire& to);
  runtime::task<result<next>> join(wire& to);
  runtime::task<result<next>> sync(wire& to);
  runtime::task<result<next>> hold(wire& to);
  runtime::task<result<next>> hold_once(wire& to);
  runtime::task<result<next>> heartbeat(wire& to);
  runtime::task<result<next>> fetch(wire& to);
  runtime::task<result<next>> commit(wire& to);
  runtime::task<result<next>> commit_late(wire& to);
  runtime::task<result<next>> leave(wire& to);
  next react(error_code code, std::string_view request);
  std::string assignment_of(std::size_t member_index) const;
  void become_new();
  std::optional<std::string_view> instance() const;
  std::string identity() const;

  group_surroundings& around_;
  const member_plan& plan_;
  std::string group_id_;
  std::string instance_id_;

  std::string member_id_;
  std::int32_t generation_ = -1;
  std::string protocol_;
  std::vector<std::string> all_members_;  // for the leader only
  std::map<std::int32_t, std::int64_t> positions_;
  bool is_commit_open_ = false;  // sent and not answered
  std::string last_problem_;
};

// Reads every committed offset back; an error when it cannot.
runtime::task<result<>> read_offsets(group_surroundings& around, runtime::world& world);

}  // namespace barnabas::trial
