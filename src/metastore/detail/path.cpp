#include "metastore/detail/path.h"

#include <algorithm>

namespace barnabas::metastore::detail {
namespace {

bool is_valid_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

}  // namespace

bool is_valid_path(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return false;
  }
  if (path.size() == 1) {
    return true;
  }
  std::string_view rest = path.substr(1);
  while (true) {
    const auto slash = rest.find('/');
    if (!is_valid_name(rest.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace barnabas::metastore::detail
