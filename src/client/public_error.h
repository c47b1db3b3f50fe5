// Errors and results of the rooms as those of the public headers.
#pragma once

#include <barnabas/result.h>
#include "base/result.h"

namespace barnabas::client {

inline kafka::error public_error(const error& why) {
  return {static_cast<std::int16_t>(why.code), is_retriable(why.code),
          why.message.empty() ? std::string(error_name(why.code)) : why.message};
}
// With the broker's own words, if it has any.
template <class Text>
kafka::error public_error(error_code code, const Text& words) {
  std::string message(error_name(code));
  if (words && !words->empty()) {
    message += ": " + std::string(*words);
  }
  return {static_cast<std::int16_t>(code), is_retriable(code), std::move(message)};
}
inline kafka::result<> public_result(const result<>& outcome) {
  return outcome ? kafka::result<>() : kafka::result<>(public_error(outcome.error()));
}
template <class T>
kafka::result<T> public_result(result<T> outcome) {
  return outcome ? kafka::result<T>(std::move(*outcome))
                 : kafka::result<T>(public_error(outcome.error()));
}

}  // namespace barnabas::client
