// What became of each thing that a call of the admin client named.
#pragma once

#include <map>

#include "barnabas/result.h"

namespace barnabas::kafka {

template <class Key, class T = void>
using each = std::map<Key, result<T>>;

}  // namespace barnabas::kafka
