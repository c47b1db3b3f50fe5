// How many bytes the next answer of a broker to a fetch may have, within fetch.max.bytes. A broker
// that is near gives small answers as fast as large ones, and two of them are in memory; where each
// exchange takes long, larger ones hide the way there and back. A value of the fetcher.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "runtime/time.h"

namespace barnabas::client {

class answer_size {
 public:
  // Between what the settings ask for and what they allow.
  answer_size(std::int32_t least, std::int32_t most)
      : least_(std::min(std::max(least, usual_bytes), most)), most_(most), bytes_(least_) {}

  std::int32_t bytes() const { return bytes_; }
  // An answer with so many bytes came after so much time; `is_waited_for`: the reader had nothing
  // else left.
  void answered(std::int64_t bytes, runtime::duration took, bool is_waited_for) {
    if (bytes <= bytes_ / 2) {
      return;  // nothing has limited it
    }
    if (took < short_exchange) {
      bytes_ = std::max(least_, bytes_ / 2);
    } else if (took > long_exchange && is_waited_for) {
      bytes_ = bytes_ > most_ / 2 ? most_ : 2 * bytes_;
    }
  }

 private:
  static constexpr std::int32_t usual_bytes = 4 << 20;
  // Apart by more than the factor 2, so that the size does not swing.
  static constexpr runtime::duration short_exchange = std::chrono::milliseconds(5);
  static constexpr runtime::duration long_exchange = std::chrono::milliseconds(20);

  std::int32_t least_;
  std::int32_t most_;
  std::int32_t bytes_;
};

}  // namespace barnabas::client
