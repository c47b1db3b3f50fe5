// How long to wait before the next attempt: doubled with each failure up to a maximum, 20 % more or
// less by chance, so that clients that failed together do not come back together (KIP-580). A
// value; chance is an argument.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/time.h"

namespace barnabas::rpc {

class backoff {
 public:
  backoff(runtime::duration first, runtime::duration most) : first_(first), most_(most) {}

  // After one more failure; `random` is 64 random bits.
  runtime::duration next(std::uint64_t random) {
    const auto doubled = first_ * (std::int64_t{1} << std::min(failures_, most_doublings));
    ++failures_;
    const double factor = 0.8 + 0.4 * (static_cast<double>(random >> 11) * 0x1p-53);
    return runtime::duration(
        static_cast<std::int64_t>(static_cast<double>(std::min(doubled, most_).count()) * factor));
  }
  void succeeded() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  static constexpr int most_doublings = 20;
  runtime::duration first_;
  runtime::duration most_;
  int failures_ = 0;
};

}  // namespace barnabas::rpc
