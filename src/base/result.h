// What a function returns when the world can refuse: a value or an error. The code is Kafka's, so
// that it can travel to a client unchanged; the message is for the log and for the client's error
// text, and names the thing that was wrong. Our own mistakes are not errors but failed ensure()s
// (base/ensure.h).
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error_code.h"

namespace barnabas {

struct error {
  error_code code = error_code::unknown_server_error;
  std::string message;
  int system_error = 0;  // errno when the operating system refused, else 0
};

template <class T = void>
using result = std::expected<T, error>;

// return fail(error_code::corrupt_message, "...");
[[nodiscard]] inline std::unexpected<error> fail(error_code code, std::string message = {}) {
  return std::unexpected<error>(error{code, std::move(message), 0});
}

// Hands an error on, with words of context before its message: "opening /data/t-0: " + ...
[[nodiscard]] inline std::unexpected<error> fail(error inner, const std::string& context = {}) {
  return std::unexpected<error>(error{inner.code, context + inner.message, inner.system_error});
}

}  // namespace barnabas
