// Quotas of clients as the admin client describes and changes them (KIP-546).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace barnabas::kafka {

// Whose quota it is: by the types "user", "client-id", "ip" a name, or nothing for the default.
using quota_entity = std::map<std::string, std::optional<std::string>>;
// By names such as producer_byte_rate.
using quota_values = std::map<std::string, double>;
// Nothing takes a quota back.
using quota_changes = std::map<std::string, std::optional<double>>;

enum class quota_match : std::int8_t { exact = 0, standard = 1, any = 2 };
struct quota_filter_part {
  std::string entity_type;
  quota_match match = quota_match::any;
  std::string name = {};  // of an exact match
};
struct quota_filter {
  std::vector<quota_filter_part> parts = {};  // all of them; none: every quota
  bool is_strict = false;                     // leaves out entities with types that are not named
};

}  // namespace barnabas::kafka
