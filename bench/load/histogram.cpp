#include "bench/load/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace barnabas::bench {

std::uint64_t histogram::upper_end(std::size_t bucket) {
  if (bucket < (2u << fine_bits)) {
    return bucket;
  }
  const std::size_t shift = (bucket >> fine_bits) - 1;
  const std::size_t mantissa = bucket - (shift << fine_bits);
  return ((mantissa + 1) << shift) - 1;
}

double histogram::percentile_us(double fraction) const {
  const auto wanted = static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(total_)));
  std::int64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted && seen > 0) {
      const auto end = static_cast<std::int64_t>(upper_end(bucket));
      return static_cast<double>(std::min(end, max_ns_)) / 1000;
    }
  }
  return 0;
}

std::string histogram::to_json() const {
  return fmt::format(
      R"({{"count":{},"p50_us":{:.1f},"p99_us":{:.1f},"p999_us":{:.1f},"max_us":{:.1f}}})", total_,
      percentile_us(0.5), percentile_us(0.99), percentile_us(0.999),
      static_cast<double>(max_ns_) / 1000);
}

}  // namespace barnabas::bench
