// The bare server's log: one file, appended to by one gathered write for all that a read brought,
// with space reserved ahead.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace barnabas::bench {

class append_file {
 public:
  // Creates or empties the file. With `is_durable` a flush waits for the disk.
  append_file(const std::string& path, bool is_durable);

  void add(bytes_view bytes);  // which stay as they are until flush()
  void flush();

 private:
  void reserve(std::int64_t until);

  int descriptor_;
  bool is_durable_;
  std::int64_t size_ = 0;
  std::int64_t reserved_ = 0;
  std::int64_t pending_bytes_ = 0;
  std::vector<iovec> pending_;
};

}  // namespace barnabas::bench
