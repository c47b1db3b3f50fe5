// Records of internal topics (__consumer_offsets, __transaction_state, __share_group_state) as
// JSON: their keys and values are messages with a version of two bytes before them; a key's version
// says which message it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "frame/failure.h"

namespace barnabas::app {

struct decoded_record {
  std::string type;                  // as in "OffsetCommit"
  std::string key;                   // JSON
  std::optional<std::string> value;  // JSON; nothing for a tombstone
};

bool is_internal_topic(std::string_view topic);
// The failure says which byte or version is not known.
outcome<decoded_record> decode_internal(std::string_view topic, std::optional<bytes_view> key,
                                        std::optional<bytes_view> value);

}  // namespace barnabas::app
