// A list of parts on its way through writev and its like, which take a bounded number of parts at a
// time and may stop in the middle of one.
#pragma once

#include <sys/uio.h>

#include <array>
#include <span>

#include "base/bytes.h"

namespace barnabas::runtime::detail {

class gather {
 public:
  explicit gather(std::span<const bytes_view> parts) : parts_(parts) { skip_empty(); }

  bool is_done() const { return next_ == parts_.size(); }

  // The next parts that are not written yet, at most 64; they live until the next call.
  std::span<const iovec> batch() {
    std::size_t count = 0;
    std::size_t taken = taken_;
    for (std::size_t i = next_; i < parts_.size() && count < vectors_.size(); ++i) {
      const bytes_view rest = parts_[i].subspan(taken);
      taken = 0;
      if (!rest.empty()) {
        vectors_[count++] = {const_cast<std::byte*>(rest.data()), rest.size()};
      }
    }
    return {vectors_.data(), count};
  }

  void advance(std::size_t written) {
    taken_ += written;
    while (next_ < parts_.size() && taken_ >= parts_[next_].size()) {
      taken_ -= parts_[next_++].size();
    }
  }

 private:
  void skip_empty() { advance(0); }

  std::span<const bytes_view> parts_;
  std::size_t next_ = 0;
  std::size_t taken_ = 0;  // of parts_[next_]
  std::array<iovec, 64> vectors_;
};

}  // namespace barnabas::runtime::detail
