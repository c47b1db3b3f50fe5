// Paths of a store: their grammar (metastore/store.h) and their parts.
#pragma once

#include <string_view>

namespace barnabas::metastore::detail {

bool is_valid_path(std::string_view path);

// Of a valid path other than "/": "/a/b" is in "/a" with name "b".
inline std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}
inline std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace barnabas::metastore::detail
