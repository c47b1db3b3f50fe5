// A request that names something twice is refused for that thing, as Kafka does.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace barnabas::cluster::detail {

template <class T, class NameOf>
std::set<std::string> named_twice(const std::vector<T>& all, NameOf name_of) {
  std::set<std::string> once;
  std::set<std::string> twice;
  for (const T& one : all) {
    if (!once.insert(name_of(one)).second) {
      twice.insert(name_of(one));
    }
  }
  return twice;
}

inline std::unexpected<error> refuse_twice(const std::string& name) {
  return fail(error_code::invalid_request, name + " is named more than once in this request");
}

}  // namespace barnabas::cluster::detail
