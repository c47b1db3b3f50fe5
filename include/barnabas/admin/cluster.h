// The cluster itself as the admin client sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace barnabas::kafka {

struct broker_description {
  std::int32_t id = -1;
  std::string host;
  std::int32_t port = 0;
  std::optional<std::string> rack = std::nullopt;
  bool is_fenced = false;
};
struct cluster_description {
  std::string id;
  std::int32_t controller = -1;  // -1: none
  std::vector<broker_description> brokers = {};
};

}  // namespace barnabas::kafka
