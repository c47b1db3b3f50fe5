// Where a group shall go on: what --to, --shift and --file of `group reset-offsets` come to.
#pragma once

#include <string>
#include <string_view>

#include "groups/group_offsets.h"

namespace barnabas::app {

struct reset_choice {
  std::string to;     // beginning, end, an offset, s@TIME
  std::string shift;  // a number, added to what is committed
  std::string file;   // lines topic,partition,offset
};

// New offsets of the partitions (of the file's own, with `file`), moved into the bounds that the
// partitions have. Partitions without a committed offset are not shifted.
outcome<offset_map> new_offsets(kafka::admin& admin, const reset_choice& choice,
                                const std::vector<kafka::topic_partition>& partitions,
                                const offset_map& committed);

// The failure names the line.
outcome<offset_map> parse_offset_lines(std::string_view text, std::string_view path);

}  // namespace barnabas::app
