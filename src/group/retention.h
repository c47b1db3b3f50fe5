// Forgets offsets: those that are older than the retention allows (KIP-211) and those of topics
// that were deleted; and groups that have nothing left. Goes through the groups in steps of one
// batch. Owned by the machine.
//
// The age of an offset is since its group is empty; in a stable group of consumers, for topics that
// nobody reads, and in a group that only stores offsets it is since the commit. Where the commit
// brought an expiry of its own (OffsetCommit 2 to 4), that counts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "group/turn.h"

namespace barnabas::group {

class retention {
 public:
  // The first look at ages is one interval away.
  void start(const turn& turn);
  // What was committed for these names until now is forgotten soon.
  void topics_deleted(std::span<const std::string> names, coordinator::moment now);
  std::int64_t next_deadline_ms() const { return next_ms_; }
  // At its deadline; the tombstones take effect when they are replayed, before the next step.
  void step(turn& turn);

 private:
  class round;
  void finish(const turn& turn);

  std::int64_t next_ms_ = never_ms;
  std::int64_t next_check_ms_ = never_ms;  // when ages are looked at
  std::optional<std::string> last_;        // the group where the walk has come to
  std::map<std::string, std::int64_t, std::less<>> deleted_;  // topic -> wall ms of its deletion
  bool is_checking_ages_ = false;
};

}  // namespace barnabas::group
