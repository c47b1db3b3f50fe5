// Invariants that a trial saw broken, by name. Owned by the test.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace barnabas::trial {

class failures {
 public:
  void fail(std::string_view invariant, const std::string& what) {
    constexpr std::size_t most = 20;
    if (all_.size() < most) {
      all_.push_back(fmt::format("{}: {}", invariant, what));
    }
  }
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

}  // namespace barnabas::trial
