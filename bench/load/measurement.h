// The frame of a measured run: the server's and our own usage before and after, and the line of
// JSON that says what happened between.
#pragma once

#include <string>

#include "bench/load/histogram.h"
#include "bench/load/process_usage.h"

namespace barnabas::bench {

struct moved {
  std::int64_t requests = 0;
  std::int64_t records = 0;
  std::int64_t bytes = 0;
};

class measurement {
 public:
  explicit measurement(int pid);

  // After the last answer. `produced` and `fetched` are in record batch bytes.
  void print(const moved& produced, const moved& fetched, const histogram& latency,
             const histogram& delivery) const;

 private:
  int pid_;
  process_usage server_;
  process_usage load_;
  std::int64_t began_ns_;
};

}  // namespace barnabas::bench
