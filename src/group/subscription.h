// The topics that the members of a group read, as they told its leader: known for consumers only,
// whose metadata is a ConsumerProtocolSubscription. A value of one call: views into the group.
#pragma once

#include <set>
#include <string_view>

#include "group/group.h"

namespace barnabas::group {

constexpr std::string_view consumer_protocol_type = "consumer";

class subscription {
 public:
  explicit subscription(const group& group);
  // Whether it can be told at all: no for other kinds, and when a member's metadata cannot be read.
  bool is_known() const { return is_known_; }
  // Whether a member reads the topic; true when nobody knows.
  bool has(std::string_view topic) const { return !is_known_ || topics_.contains(topic); }

 private:
  bool is_known_ = false;
  std::set<std::string_view> topics_;
};

}  // namespace barnabas::group
