// What a process has used so far, from the kernel's own books: CPU time to the nanosecond, memory
// and context switches of all its threads.
#pragma once

#include <cstdint>
#include <string>

namespace barnabas::bench {

struct process_usage {
  std::int64_t cpu_ns = 0;
  std::int64_t user_ms = 0;    // in steps of 10 ms
  std::int64_t system_ms = 0;  // in steps of 10 ms
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
  std::int64_t threads = 0;
  std::int64_t resident_kib = 0;
  std::int64_t proportional_kib = 0;  // shared pages divided among those who map them

  // Ends the program when there is no such process. 0 is this process.
  static process_usage of(int pid);
  // The difference of what counts up; memory and threads as they are now.
  process_usage since(const process_usage& earlier) const;
  std::string to_json() const;
};

}  // namespace barnabas::bench
