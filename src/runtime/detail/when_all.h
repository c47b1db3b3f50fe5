// The body of when_all(); see runtime/task_group.h.
#pragma once

#include <optional>
#include <vector>

#include "runtime/task_group.h"

namespace barnabas::runtime {
namespace detail {

template <class T>
task<> store_value(task<T> from, std::optional<T>& into) {
  into.emplace(co_await std::move(from));
}

}  // namespace detail

template <class T>
task<std::vector<T>> when_all(std::vector<task<T>> tasks) {
  std::vector<T> values;
  values.reserve(tasks.size());
  if (tasks.size() == 1) {
    values.push_back(co_await std::move(tasks.front()));
    co_return values;
  }
  std::vector<std::optional<T>> outcomes(tasks.size());
  task_group group("when_all");
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    group.spawn(detail::store_value(std::move(tasks[i]), outcomes[i]));
  }
  co_await group.join();
  for (auto& outcome : outcomes) {
    values.push_back(std::move(outcome.value()));
  }
  co_return values;
}

}  // namespace barnabas::runtime
