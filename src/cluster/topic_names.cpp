#include "cluster/topic_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::cluster {
namespace {

constexpr std::size_t longest_name =
    249;  // with "-2147483647.abc...-delete" it is still a file name

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// At most so much of a client's text goes into an answer.
std::string_view shown(std::string_view name) {
  return name.substr(0, longest_name + 1);
}

}  // namespace

result<> validate_topic_name(std::string_view name) {
  std::string problem;
  if (name.empty()) {
    problem = "a topic needs a name";
  } else if (name == "." || name == "..") {
    problem = fmt::format("'{}' cannot be the name of a topic", name);
  } else if (name.size() > longest_name) {
    problem = fmt::format("the name '{}' has {} characters, more than {}", shown(name), name.size(),
                          longest_name);
  } else if (!std::ranges::all_of(name, is_allowed)) {
    problem = fmt::format("the name '{}' has characters other than a-z, A-Z, 0-9, '.', '_' and '-'",
                          name);
  } else {
    return {};
  }
  return fail(error_code::invalid_topic_exception, "Topic name is invalid: " + problem);
}

std::string colliding_form(std::string_view name) {
  std::string form(name);
  std::ranges::replace(form, '.', '_');
  return form;
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

}  // namespace barnabas::cluster
