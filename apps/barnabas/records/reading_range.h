// From where to where a partition is read: what -o, --until and -e come to when the partitions'
// bounds and the offsets of times are known.
#pragma once

#include <barnabas/consumer.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frame/failure.h"

namespace barnabas::app {

struct reading_range {
  std::int64_t begin = 0;
  std::optional<std::int64_t> end = std::nullopt;  // the offset after the last record to be read
};
using reading_ranges = std::map<kafka::topic_partition, reading_range>;

// A place in a partition, as -o has it: beginning, end, an offset, -N before the end, s@TIME.
struct place {
  enum class kind : std::uint8_t { beginning, end, offset, before_end, time } what;
  std::int64_t value = 0;
};
outcome<place> parse_place(std::string_view text, std::int64_t now_ms);

struct reading_choice {
  place begin{place::kind::beginning};
  std::optional<std::int64_t> until_ms = std::nullopt;
  bool stops_at_end = false;  // where the partition ends now
};
// An offset outside of its partition's bounds is OFFSET_OUT_OF_RANGE.
outcome<reading_ranges> find_ranges(kafka::consumer& reader,
                                    const std::vector<kafka::topic_partition>& partitions,
                                    const reading_choice& choice);

}  // namespace barnabas::app
