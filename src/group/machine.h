// The groups of one partition of __consumer_offsets as a replicated state machine: what a handler
// may ask, and how records become groups again. Each call is a function of its own, by concern:
// join.h, sync.h, membership.h, commit.h, administration.h, with rebalance.h below them.
//
// Only replay() changes what must survive: offsets, and of a group what was assigned. Members, who
// waits, and a generation without an assignment are lost with the machine, as in Kafka: the members
// join again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/machine.h"
#include "group/answers.h"
#include "group/groups.h"
#include "group/join.h"
#include "group/records.h"
#include "group/retention.h"
#include "group/settings.h"
#include "protocol/messages/heartbeat_request.h"
#include "protocol/messages/join_group_request.h"
#include "protocol/messages/leave_group_request.h"
#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_delete_request.h"
#include "protocol/messages/offset_fetch_request.h"
#include "protocol/messages/sync_group_request.h"

namespace barnabas::group {

class machine final : public coordinator::machine {
 public:
  template <class T>
  using reply_to = coordinator::reply_to<T>;
  using moment = coordinator::moment;
  using effects = coordinator::effects;

  explicit machine(const settings& limits) : limits_(limits) {}

  void join(const protocol::join_group_request& request, const join_caller& caller, moment now,
            effects& out, reply_to<join_answer> to);
  void sync(const protocol::sync_group_request& request, moment now, effects& out,
            reply_to<sync_answer> to);
  void heartbeat(const protocol::heartbeat_request& request, moment now, effects& out,
                 reply_to<error_code> to);
  void leave(const protocol::leave_group_request& request, moment now, effects& out,
             reply_to<std::vector<error_code>> to);
  void commit_offsets(const protocol::offset_commit_request& request, moment now, effects& out,
                      reply_to<std::vector<error_code>> to);
  void fetch_offsets(const protocol::offset_fetch_request_group& request, bool require_stable,
                     moment now, effects& out, reply_to<std::vector<fetched_topic>> to);
  void delete_offsets(const protocol::offset_delete_request& request, moment now, effects& out,
                      reply_to<deleted_offsets> to);
  void list_groups(moment now, effects& out, reply_to<std::vector<listed_group>> to);
  void describe_group(std::string_view id, moment now, effects& out, reply_to<described_group> to);
  void delete_group(std::string_view id, moment now, effects& out, reply_to<deleted_group> to);
  // What is committed for these topics is forgotten soon; answers at once.
  void topics_deleted(std::span<const std::string> names, moment now, effects& out,
                      reply_to<bool> to);

  // An error for a record of a kind that is not known comes once a kind.
  result<> replay(const coordinator::logged_record& record) override;
  result<> replay_marker(std::int64_t producer_id, std::int16_t producer_epoch,
                         bool is_commit) override;
  void loaded(moment now, effects& out) override;
  std::optional<std::int64_t> next_deadline_ms() const override;
  void on_time(moment now, effects& out) override;

 private:
  turn at(moment now, effects& out) { return {limits_, groups_, now, out}; }
  void apply(const group_change& change);
  void apply(const offset_change& change, const coordinator::logged_record& record);
  void forget_if_empty(std::string_view group_id);

  settings limits_;
  groups groups_;
  retention retention_;
  std::map<std::int64_t, std::set<std::string>> open_transactions_;  // producer id -> its groups
  std::set<std::int16_t> strange_kinds_;                             // that replay() has named
};

}  // namespace barnabas::group
