// What the library's calls return: a value or an error. No call throws, except the constructors
// that say so.
//
//   if (auto sent = producer.send(record); !sent) std::cerr << sent.error().message << '\n';
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "barnabas/export.h"

namespace barnabas::kafka {

// Kafka's error code, whether the same call may succeed later, and words for a person that name
// what was wrong. Refusals of the library itself have Kafka's codes too: 40 (INVALID_CONFIG) for a
// setting, 7 (REQUEST_TIMED_OUT) for a deadline, 13 (NETWORK_EXCEPTION) for a lost connection.
struct error {
  std::int16_t code = -1;
  bool is_retriable = false;
  std::string message;
  // Of a producer with transactions: this one can only be aborted.
  bool requires_abort = false;
  // Of a producer with transactions: no call will succeed any more, only a new producer can.
  bool is_fatal = false;

  // Kafka's name of the code, as in NOT_LEADER_OR_FOLLOWER.
  BARNABAS_API std::string_view name() const;
};

// Asking for the value of an error, or for the error of a value, throws std::bad_variant_access.
template <class T = void>
class [[nodiscard]] result {
 public:
  result(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}
  result(kafka::error why) : outcome_(std::in_place_index<1>, std::move(why)) {}

  bool has_value() const { return outcome_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return std::get<0>(outcome_); }
  const T& value() const& { return std::get<0>(outcome_); }
  T&& value() && { return std::get<0>(std::move(outcome_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  // Throws std::invalid_argument with the error's message.
  T value_or_throw() && {
    if (!has_value()) {
      throw std::invalid_argument(error().message);
    }
    return std::move(*this).value();
  }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const kafka::error& error() const { return std::get<1>(outcome_); }

 private:
  std::variant<T, kafka::error> outcome_;
};

template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(kafka::error why) : outcome_(std::move(why)) {}

  bool has_value() const { return outcome_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  const kafka::error& error() const { return std::get<1>(outcome_); }

 private:
  std::variant<std::monostate, kafka::error> outcome_;
};

}  // namespace barnabas::kafka
