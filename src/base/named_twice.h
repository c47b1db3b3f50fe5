// What a request says more than once.
#pragma once

#include <functional>
#include <ranges>
#include <set>
#include <type_traits>

namespace barnabas {

// The names that name_of() gives for more than one of these.
template <class Range, class NameOf = std::identity>
auto named_twice(const Range& all, NameOf name_of = {}) {
  using name =
      std::decay_t<std::invoke_result_t<NameOf, std::ranges::range_reference_t<const Range>>>;
  std::set<name> once;
  std::set<name> twice;
  for (const auto& one : all) {
    if (!once.insert(name_of(one)).second) {
      twice.insert(name_of(one));
    }
  }
  return twice;
}

}  // namespace barnabas
