// From records to groups: what replay does. A record that the machine has just written finds what
// it says already there, and adds what was assigned.
#pragma once

#include <cstdint>

#include "group/group.h"
#include "protocol/messages/group_metadata_value.h"
#include "protocol/messages/offset_commit_key.h"
#include "protocol/messages/offset_commit_value.h"

namespace barnabas::group {

// The group becomes stable, or empty when it has no members, as the record says.
void restore(group& into, const protocol::group_metadata_value& written);
// A tombstone: nothing is left but offsets.
void clear(group& gone);
committed_offset restored(const protocol::offset_commit_key& key,
                          const protocol::offset_commit_value& value, std::int64_t record_offset);

}  // namespace barnabas::group
