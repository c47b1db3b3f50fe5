#include "groups/group_offsets.h"

namespace barnabas::app {

outcome<offset_map> committed_by(kafka::admin& admin, const std::string& group) {
  const auto groups = admin.list_group_offsets({{group, {}}});
  if (!groups) {
    return fail_with(groups.error());
  }
  const auto& offsets = groups->at(group);
  if (!offsets) {
    return fail_with(offsets.error(), "group " + group + ": ");
  }
  offset_map committed;
  for (const auto& [partition, offset] : *offsets) {
    if (!offset) {
      return fail_with(offset.error(), partition_name(partition) + ": ");
    }
    if (offset->offset >= 0) {
      committed[partition] = offset->offset;
    }
  }
  return committed;
}

outcome<offset_map> offsets_at(kafka::admin& admin,
                               const std::vector<kafka::topic_partition>& partitions,
                               std::int64_t spec) {
  offset_map asked;
  for (const kafka::topic_partition& partition : partitions) {
    asked[partition] = spec;
  }
  if (asked.empty()) {
    return asked;
  }
  const auto found = admin.list_offsets(asked);
  if (!found) {
    return fail_with(found.error());
  }
  offset_map offsets;
  for (const auto& [partition, offset] : *found) {
    if (offset && offset->offset >= 0) {
      offsets[partition] = offset->offset;
    } else if (!offset && !is(offset.error(), error_code::unknown_topic_or_partition)) {
      return fail_with(offset.error(), partition_name(partition) + ": ");
    }
  }
  return offsets;
}

}  // namespace barnabas::app
