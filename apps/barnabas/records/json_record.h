// A record from a line of JSON as `consume --json` prints it: key, value (or key_base64,
// value_base64), headers, partition, timestamp; all may be missing. A value that is an object, a
// list or a number is written as its JSON text. Owns what its record points to.
#pragma once

#include <barnabas/record.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frame/failure.h"

namespace barnabas::app {

class json_record {
 public:
  // The failure names the member that is wrong.
  static outcome<json_record> parse(std::string_view line);

  // Valid as long as this; without a topic.
  kafka::new_record record() const;

 private:
  struct owned_header {
    std::string key;
    std::optional<std::string> value;
  };

  std::optional<std::string> key_;
  std::optional<std::string> value_;
  std::vector<owned_header> headers_;
  mutable std::vector<kafka::header> header_views_;
  std::int32_t partition_ = kafka::any_partition;
  std::int64_t timestamp_ms_ = kafka::now;
};

}  // namespace barnabas::app
