#include "base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace barnabas {

void ensure_failed(const char* what, std::source_location where) {
  std::fprintf(stderr, "%s:%u: %s: ensure failed: %s\n", where.file_name(), where.line(),
               where.function_name(), what);
  std::fflush(stderr);
  std::abort();
}

}  // namespace barnabas
