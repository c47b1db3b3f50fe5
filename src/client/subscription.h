// What a consumer subscribes to: topics by name, and by pattern. As in librdkafka a name that
// begins with ^ is a regular expression (ECMAScript's), which a topic's name must match from its
// beginning on. Internal topics match no pattern. A value.
#pragma once

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "client/cluster.h"

namespace barnabas::client {

class subscription {
 public:
  subscription() = default;
  // invalid_request names an expression that is none; invalid_topic_exception an empty name.
  static result<subscription> parse(const std::vector<std::string>& topics);

  bool empty() const { return names_.empty() && patterns_.empty(); }
  bool has_patterns() const { return !patterns_.empty(); }
  // In their order, each once: the names, and what of the cluster's known topics matches.
  std::vector<std::string> topics(const cluster& known) const;

 private:
  bool matches(const std::string& topic) const;

  std::set<std::string> names_;
  std::vector<std::regex> patterns_;
};

}  // namespace barnabas::client
