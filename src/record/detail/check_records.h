// The part of validation that reads the records inside of a batch, and writes them anew for another
// compression.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "record/validator.h"

namespace barnabas::record::detail {

struct checked_records {
  // The largest of the records, no_timestamp when none has one.
  std::int64_t max_timestamp = no_timestamp;
  std::optional<std::vector<std::byte>> replacement;
};

// Whether a timestamp breaks message.timestamp.after.max.ms.
bool is_too_new(std::int64_t timestamp, const validation_limits& limits, std::int64_t now_ms);

std::expected<checked_records, rejection> check_records(batch_view batch,
                                                        const validation_limits& limits,
                                                        std::int64_t now_ms, bool is_recompressed);

}  // namespace barnabas::record::detail
