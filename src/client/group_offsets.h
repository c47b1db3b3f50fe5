// The offsets that a group has committed: writes and reads them at the coordinator. Commits go one
// after the other in the order of the calls, so that one that is tried again never overtakes a
// later one. Lives on one shard.
#pragma once

#include <map>
#include <string>

#include "base/topic_partition.h"
#include "client/group_session.h"

namespace barnabas::client {

struct committed_place {
  std::int64_t offset = 0;  // of the next record to be read
  std::int32_t leader_epoch = -1;
  std::string metadata = {};
};
using committed_places = std::map<topic_partition, committed_place>;

// What OffsetCommit and TxnOffsetCommit say alike: who commits, and the places by topic. Views into
// both, which outlive the question.
template <class Request>
void fill_commit(Request& question, const group_session::identity& as,
                 const committed_places& places) {
  question.member_id = as.member_id;
  if (!as.instance_id.empty()) {
    question.group_instance_id = as.instance_id;
  }
  for (const auto& [name, place] : places) {
    if (question.topics.empty() || question.topics.back().name != name.topic) {
      question.topics.push_back({.name = name.topic});
    }
    question.topics.back().partitions.push_back({.partition_index = name.partition,
                                                 .committed_offset = place.offset,
                                                 .committed_leader_epoch = place.leader_epoch,
                                                 .committed_metadata = place.metadata});
  }
}

class group_offsets {
 public:
  group_offsets(cluster& cluster, group_session& session, bool needs_stable);

  // As the member that the consumer is when it is called. Tried again until the deadline while that
  // may help; the error is that of the first partition that was refused.
  runtime::task<result<>> commit(committed_places places, runtime::steady_time deadline);
  // Without those that have none.
  runtime::task<result<committed_places>> fetch(std::vector<topic_partition> partitions,
                                                runtime::steady_time deadline);

 private:
  runtime::task<result<>> commit_once(const group_session::identity& as,
                                      const committed_places& places,
                                      runtime::steady_time deadline);
  runtime::task<result<committed_places>> fetch_once(const std::vector<topic_partition>& partitions,
                                                     runtime::steady_time deadline);
  // Waits before another attempt; false when none is to be made.
  runtime::task<bool> may_try_again(error_code code, rpc::backoff& pause,
                                    runtime::steady_time deadline);

  cluster& cluster_;
  group_session& session_;
  bool needs_stable_;
  std::uint64_t next_turn_ = 0;
  std::uint64_t turn_ = 0;
  runtime::condition turned_;
};

}  // namespace barnabas::client
