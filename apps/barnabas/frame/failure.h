// Why a command failed: words for a person, what to do next, and the exit code that scripts see.
#pragma once

#include <barnabas/result.h>

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace barnabas::app {

enum class exit_code : int {
  done = 0,
  failed = 1,
  wrong_usage = 2,
  unreachable = 3,
  not_found = 4,
  denied = 5,
  interrupted = 130,
};

struct exit_code_meaning {
  exit_code code;
  std::string_view meaning;
};
// All of them, in order.
std::span<const exit_code_meaning> exit_codes();

struct failure {
  exit_code code = exit_code::failed;
  std::string message;  // empty when it has been said already
  std::string advice;   // what to do next; empty when nobody knows
};

template <class T = void>
using outcome = std::expected<T, failure>;

inline bool is(const kafka::error& why, error_code code) {
  return why.code == static_cast<std::int16_t>(code);
}

// Code and advice follow from Kafka's error code; `context` stands before the message.
std::unexpected<failure> fail_with(const kafka::error& why, const std::string& context = {});
std::unexpected<failure> fail_with(const error& why, const std::string& context = {});
std::unexpected<failure> wrong_usage(std::string message, std::string advice = {});
std::unexpected<failure> not_found(std::string message, std::string advice = {});

// To standard error: message and advice.
void print_failure(const failure& why);

}  // namespace barnabas::app
