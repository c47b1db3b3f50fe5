#include "client/subscription.h"

#include <algorithm>

namespace barnabas::client {

result<subscription> subscription::parse(const std::vector<std::string>& topics) {
  subscription parsed;
  for (const std::string& each : topics) {
    if (each.empty()) {
      return fail(error_code::invalid_topic_exception, "a topic without a name");
    }
    if (!each.starts_with('^')) {
      parsed.names_.insert(each);
      continue;
    }
    try {
      parsed.patterns_.emplace_back(each);
    } catch (const std::regex_error& why) {
      return fail(error_code::invalid_request, each + " is no regular expression: " + why.what());
    }
  }
  return parsed;
}

bool subscription::matches(const std::string& topic) const {
  try {
    return std::ranges::any_of(
        patterns_, [&](const std::regex& each) { return std::regex_search(topic, each); });
  } catch (const std::regex_error&) {
    return false;  // too much to try
  }
}

std::vector<std::string> subscription::topics(const cluster& known) const {
  std::set<std::string> all = names_;
  for (const auto& [name, topic] : known.topics()) {
    if (has_patterns() && !topic.is_internal && topic.code == error_code::none && matches(name)) {
      all.insert(name);
    }
  }
  return {all.begin(), all.end()};
}

}  // namespace barnabas::client
