// How long whoever moves bytes waits, so that no more than so many go by in a second. A value;
// belongs to one shard.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "runtime/time.h"

namespace barnabas::storage {

class byte_rate {
 public:
  explicit byte_rate(double most_per_second = std::numeric_limits<double>::max())
      : most_per_second_(most_per_second) {}

  double most_per_second() const { return most_per_second_; }
  // What was moved so far counts no more.
  void change(double most_per_second) { *this = byte_rate(most_per_second); }

  // These bytes were moved. When all are paid for.
  runtime::steady_time pay(std::int64_t bytes, runtime::steady_time now) {
    const double seconds = static_cast<double>(bytes) / std::max(most_per_second_, 1.0);
    paid_until_ = std::max(paid_until_, now) +
                  std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
    return paid_until_;
  }

 private:
  double most_per_second_;
  runtime::steady_time paid_until_{};
};

}  // namespace barnabas::storage
