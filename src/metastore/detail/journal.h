// Where a tree's changes are made durable. Called on a file thread, one call at a time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "metastore/detail/tree.h"

namespace barnabas::metastore::detail {

class journal {
 public:
  virtual ~journal() = default;
  // All of it or nothing; when it answers well, a loss of power does not undo it.
  virtual result<> write(const std::vector<node_change>& changes) = 0;
};

}  // namespace barnabas::metastore::detail
