// ensure(): states what must be true if our own code is right. It is on in release: a broker that
// finds itself wrong stops rather than damage data. What the world does wrong is a result<>, never
// an ensure().
#pragma once

#include <source_location>

namespace barnabas {

[[noreturn]] void ensure_failed(const char* what, std::source_location where);

inline void ensure(bool is_true, const char* what = "",
                   std::source_location where = std::source_location::current()) {
  if (!is_true) [[unlikely]] {
    ensure_failed(what, where);
  }
}

}  // namespace barnabas
