// Reads one answer of HTTP out of what comes, in pieces of any size.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "http/client.h"

namespace barnabas::http::detail {

class answer_reader {
 public:
  answer_reader();
  ~answer_reader();

  // Whether the answer is whole. network_exception says what is wrong with it.
  result<bool> take(bytes_view bytes);
  // The same when the server has closed its side.
  result<bool> end();
  // Of a whole one.
  answer release();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace barnabas::http::detail
