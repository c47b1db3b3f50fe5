#include "frame/output.h"

#include <cstdio>

namespace barnabas::app {

bool output::flush() {
  if (!is_broken_ && !buffer_.empty()) {
    is_broken_ = std::fwrite(buffer_.data(), 1, buffer_.size(), stdout) != buffer_.size() ||
                 std::fflush(stdout) != 0;
  }
  buffer_.clear();
  return !is_broken_;
}

output& standard_out() {
  static output the_one;
  return the_one;
}

}  // namespace barnabas::app
