// Buffered standard output that notices when its reader has gone (EPIPE): nobody is left to write
// for, which is no error. One for the process.
#pragma once

#include <string>
#include <string_view>

namespace barnabas::app {

class output {
 public:
  // To be appended to directly; room() every now and then.
  std::string& buffer() { return buffer_; }
  void write(std::string_view text) { buffer_ += text; }
  // Writes what is there when it is much. False when the reader has gone.
  bool room() { return buffer_.size() < most_bytes || flush(); }
  bool flush();
  bool is_broken() const { return is_broken_; }

 private:
  static constexpr std::size_t most_bytes = 64 << 10;

  std::string buffer_;
  bool is_broken_ = false;
};

output& standard_out();

}  // namespace barnabas::app
