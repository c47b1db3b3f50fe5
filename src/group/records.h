// The records of __consumer_offsets, as Kafka 3.9 writes them and as any version is read:
//
//   key    int16 version, then 0 or 1: OffsetCommitKey, 2: GroupMetadataKey; others belong to newer
//          kinds of groups
//   value  int16 version, then OffsetCommitValue (3; 1 with an expiry of its own) or
//          GroupMetadataValue (3); none: a tombstone
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "coordinator/machine.h"
#include "group/group.h"
#include "group/turn.h"
#include "protocol/messages/group_metadata_value.h"
#include "protocol/messages/offset_commit_key.h"
#include "protocol/messages/offset_commit_value.h"

namespace barnabas::group {

coordinator::new_record offset_record(std::string_view group_id, std::string_view topic,
                                      const committed_offset& offset);
coordinator::new_record offset_tombstone(std::string_view group_id, std::string_view topic,
                                         std::int32_t partition);
coordinator::new_record group_tombstone(std::string_view group_id);
// The group as it is, each member with the assignment that `assignment_of` says.
using assignments = std::function<bytes_view(const member&)>;
coordinator::new_record group_record(const group& group, std::int64_t now_wall_ms,
                                     const assignments& assignment_of);

// Whether the record may stand in a batch of its own.
bool fits_batch(const coordinator::new_record& record, std::size_t max_batch_bytes);

// Appends tombstones as long as they fit into one batch with the others of the call.
class tombstones {
 public:
  explicit tombstones(turn& turn) : turn_(turn) {}
  // False when there is no more room.
  bool add(coordinator::new_record tombstone);
  std::size_t count() const { return count_; }

 private:
  turn& turn_;
  std::size_t bytes_ = 0;
  std::size_t count_ = 0;
};

// What a record says; views into it.
struct offset_change {
  protocol::offset_commit_key key;
  std::optional<protocol::offset_commit_value> value;
};
struct group_change {
  std::string_view group_id;
  std::optional<protocol::group_metadata_value> value;
};
using change = std::variant<offset_change, group_change>;
// The version of its key, which says what it is about; nothing when there is none.
std::optional<std::int16_t> kind_of(const coordinator::logged_record& record);
constexpr std::int16_t highest_known_kind = 2;
// UNSUPPORTED_VERSION for keys and values of newer kinds, INVALID_RECORD for what is no such record
// at all; the message names kind or field, the same for all records of a kind.
result<change> read_record(const coordinator::logged_record& record);

}  // namespace barnabas::group
