// A line on standard error that says how far long work is; nothing where that is no terminal.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/time.h"

namespace barnabas::app {

class progress {
 public:
  progress();
  // The line is cleared.
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  // Cheap; shows something five times a second.
  void at(std::int64_t records, std::int64_t bytes);

 private:
  void show(std::int64_t records, std::int64_t bytes, runtime::steady_time now);

  runtime::steady_time began_;
  runtime::steady_time shown_;
  std::int64_t calls_ = 0;
  bool is_shown_ = false;
};

}  // namespace barnabas::app
