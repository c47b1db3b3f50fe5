// Drives a machine as the runtime would, without a world: records of a call are replayed right
// after it, then its answers are given. Time moves when a test says so, and deadlines are met on
// the way. Keeps the log, so that another machine can be loaded from it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "group/machine.h"

namespace barnabas::group {

// An answer that a test waits for.
template <class T>
class promised {
 public:
  bool is_there() const { return answer_->has_value(); }
  const T& operator*() const { return answer_->value().value(); }
  const T* operator->() const { return &answer_->value().value(); }
  error_code refusal() const { return (**answer_).error().code; }
  bool is_refused() const { return is_there() && !(*answer_)->has_value(); }
  coordinator::reply_to<T> reply() {
    return coordinator::reply_to<T>(
        [to = answer_](result<T> with) { to->emplace(std::move(with)); });
  }

 private:
  std::shared_ptr<std::optional<result<T>>> answer_ = std::make_shared<std::optional<result<T>>>();
};

// How a member joins; the defaults are a consumer's.
struct joiner {
  std::string group = "readers";
  std::string member_id;
  std::optional<std::string> instance_id;
  std::string protocol_type = "consumer";
  std::vector<std::pair<std::string, std::string>> protocols = {{"range", "topics"}};
  std::int32_t session_timeout_ms = 10'000;
  std::int32_t rebalance_timeout_ms = 60'000;
  std::int16_t version = 9;
  std::string client_id = "client";
};

class scripted_group {
 public:
  explicit scripted_group(settings limits = without_delay());
  static settings without_delay();

  promised<join_answer> join(const joiner& as);
  // The id that the machine gives (MEMBER_ID_REQUIRED).
  std::string new_id(joiner as = {});
  // With a new id: the answer waits for the rebalance.
  promised<join_answer> join_new(joiner as = {});
  promised<sync_answer> sync(const join_answer& of,
                             const std::map<std::string, std::string>& parts = {},
                             std::optional<std::string> instance_id = {});
  error_code heartbeat(const std::string& member_id, std::int32_t generation,
                       std::optional<std::string> instance_id = {});
  std::vector<error_code> leave(
      const std::vector<std::pair<std::string, std::optional<std::string>>>& members);
  // A stable group of so many dynamic members, each assigned its own id; answers of the last round.
  std::vector<join_answer> stable_group(std::size_t members, joiner as = {});

  struct commit_as {
    std::string member_id;
    std::int32_t generation = -1;
    std::optional<std::string> instance_id;
    std::string metadata;
    std::int64_t retention_time_ms = -1;
    std::string group = "readers";
  };
  error_code commit(const std::string& topic, std::int32_t partition, std::int64_t offset,
                    const commit_as& as);
  error_code commit(const std::string& topic, std::int32_t partition, std::int64_t offset) {
    return commit(topic, partition, offset, commit_as());
  }
  fetched_offset fetch(const std::string& topic, std::int32_t partition,
                       bool require_stable = false, const std::string& group = "readers");
  std::vector<fetched_topic> fetch_all(const std::string& group = "readers");
  deleted_offsets delete_offsets(const std::string& topic, std::vector<std::int32_t> partitions);
  described_group describe(const std::string& group = "readers");
  std::vector<listed_group> list();
  deleted_group delete_group(const std::string& group = "readers");
  void topics_deleted(const std::vector<std::string>& names);

  // Meets every deadline until then.
  void pass_ms(std::int64_t duration_ms);
  // A new machine from the log, as after a restart. What waits is refused.
  void restart(std::optional<settings> limits = {});

  // As if it stood in the log: before restart().
  void write(coordinator::new_record record, std::int64_t producer_id = -1);
  result<> replay(const coordinator::new_record& record, std::int64_t producer_id = -1);
  void write_marker(std::int64_t producer_id, bool is_commit);

  struct entry {
    coordinator::new_record record;
    std::int64_t producer_id = -1;
    std::optional<bool> marker;  // of that producer: whether it commits
  };
  const std::vector<entry>& log() const { return log_; }
  machine& under_test() { return *machine_; }
  coordinator::moment now{1'000'000, 1'700'000'000'000};
  // The largest call, in records.
  std::size_t largest_call = 0;

 private:
  template <class F>
  void call(F what);
  template <class T, class F>
  T ask(F what);
  void take(coordinator::effects out);

  settings limits_;
  std::unique_ptr<machine> machine_;
  std::vector<entry> log_;
  std::uint64_t random_ = 0;
};

}  // namespace barnabas::group
