// A request that names something twice is refused for that thing, as Kafka does.
#pragma once

#include <string>

#include "base/named_twice.h"
#include "base/result.h"

namespace barnabas::cluster::detail {

inline std::unexpected<error> refuse_twice(const std::string& name) {
  return fail(error_code::invalid_request, name + " is named more than once in this request");
}

}  // namespace barnabas::cluster::detail
