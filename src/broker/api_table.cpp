#include "broker/api_table.h"

#include <algorithm>

#include "base/ensure.h"

namespace barnabas::broker {

api_table::api_table(std::vector<api> rows) : rows_(std::move(rows)) {
  row_of_key_.fill(-1);
  std::ranges::sort(rows_, {}, &api::key);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto key = static_cast<std::size_t>(rows_[i].key);
    ensure(key < row_of_key_.size() && row_of_key_[key] < 0, "one row an API");
    row_of_key_[key] = static_cast<std::int8_t>(i);
  }
}

const api* api_table::find(std::int16_t key) const {
  if (key < 0 || static_cast<std::size_t>(key) >= row_of_key_.size() ||
      row_of_key_[static_cast<std::size_t>(key)] < 0) {
    return nullptr;
  }
  return &rows_[static_cast<std::size_t>(row_of_key_[static_cast<std::size_t>(key)])];
}

}  // namespace barnabas::broker
