// What client_admin.cpp says of each call: a line, in the order of the calls.
#pragma once

#include <barnabas/admin.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

struct checklist {
  std::string address;
  std::int32_t broker = -1;  // the only one

  void say(const std::string& call, const std::string& what) {
    std::cout << call << ' ' << what << std::endl;
  }
  // The call has to succeed, for all that it named, and its value to be as `is_right` says: soon,
  // since brokers learn of changes a moment after the controller, and until then what was just made
  // may be refused as unknown.
  template <class Call, class IsRight>
  void check(const std::string& name, Call call, IsRight is_right) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    for (;;) {
      const auto outcome = call();
      const auto error = first_error(outcome);
      const std::string what = error                       ? words_for(*error)
                               : holds(is_right, *outcome) ? "ok"
                                                           : "failed: not what was expected";
      if (what == "ok" || (error && is_not_served(*error)) ||
          std::chrono::steady_clock::now() > until) {
        return say(name, what);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  template <class T>
  bool check(const std::string& name, const barnabas::kafka::result<T>& outcome) {
    const auto error = first_error(outcome);
    say(name, error ? words_for(*error) : "ok");
    return !error;
  }
  // The call has to be refused, with one of these errors.
  template <class T>
  void refused(const std::string& name, const barnabas::kafka::result<T>& outcome,
               const std::vector<std::string>& errors) {
    const auto error = first_error(outcome);
    if (!error) {
      say(name, "failed: it succeeded, in place of " + errors.front());
    } else if (is_not_served(*error)) {
      say(name, words_for(*error));
    } else {
      const bool is_expected = std::ranges::find(errors, error->name()) != errors.end();
      say(name,
          is_expected ? "ok" : "failed: in place of " + errors.front() + ", " + error->message);
    }
  }

 private:
  using error = barnabas::kafka::error;

  // What is_right looks for may not be there at all.
  static bool holds(const auto& is_right, const auto& value) {
    try {
      return is_right(value);
    } catch (const std::out_of_range&) {
      return false;
    }
  }

  template <class T>
  static std::optional<error> first_error(const barnabas::kafka::result<T>& outcome) {
    if (!outcome) {
      return outcome.error();
    }
    if constexpr (requires { outcome->begin()->second.error(); }) {
      for (const auto& [name, one] : *outcome) {
        if (auto why = first_error(one)) {
          return why;
        }
      }
    }
    return std::nullopt;
  }
  static std::string words_for(const error& why) {
    return (is_not_served(why) ? "unsupported: " : "refused: ") + why.message;
  }
  // The library's own words, in place of the broker's.
  static bool is_not_served(const error& why) { return why.message.starts_with("the broker "); }
};
