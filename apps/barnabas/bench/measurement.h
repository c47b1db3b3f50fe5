// What benchmarks measure with: wall time and CPU of this process, latencies, payloads, pacing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "frame/table.h"
#include "runtime/time.h"

namespace barnabas::app {

// Since it was made.
class stopwatch {
 public:
  stopwatch();
  double seconds() const;
  // Of all threads of the process.
  double cpu_seconds() const;

 private:
  runtime::steady_time began_;
  double cpu_began_;
};

// Every latency is kept: percentiles are exact.
class latencies {
 public:
  void add(std::int64_t latency_us) { all_us_.push_back(latency_us); }
  bool empty() const { return all_us_.empty(); }
  // `share` from 0 to 1; 0 us of none.
  std::int64_t at(double share);

 private:
  std::vector<std::int64_t> all_us_;
};

// Bytes that compress about as log lines do, the same in every run; `number` chooses which.
class payloads {
 public:
  explicit payloads(std::size_t size_bytes);
  std::string_view operator[](std::int64_t number) const;

 private:
  std::size_t size_bytes_;
  std::string pool_;
};

// The calling thread rests until then.
void rest_until(runtime::steady_time then);

// Columns of records, seconds and rates, and of latencies; their cells in the same order.
std::vector<column> rate_columns();
std::vector<cell> rate_cells(std::int64_t records, std::int64_t bytes, const stopwatch& watch);
std::vector<column> latency_columns();
std::vector<cell> latency_cells(latencies& all);

}  // namespace barnabas::app
