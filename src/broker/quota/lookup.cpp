#include "broker/quota/lookup.h"

#include <algorithm>
#include <array>

namespace barnabas::broker {
namespace {

enum class part : std::uint8_t { none, named, of_default };

struct level {
  part user;
  part client_id;
};
// The most specific first.
constexpr std::array<level, 8> levels = {{
    {part::named, part::named},
    {part::named, part::of_default},
    {part::named, part::none},
    {part::of_default, part::named},
    {part::of_default, part::of_default},
    {part::of_default, part::none},
    {part::none, part::named},
    {part::none, part::of_default},
}};

std::optional<std::string> in_entity(part which, std::string_view name) {
  return which == part::none    ? std::nullopt
         : which == part::named ? std::optional(std::string(name))
                                : std::optional(std::string());
}

// A user's name has no zero byte.
std::string key_of(const level& level, cluster::quota_kind kind, std::string_view user,
                   std::string_view client_id) {
  std::string key(1, static_cast<char>('0' + static_cast<int>(kind)));
  if (level.user != part::none) {
    key.append("user ").append(user);
  }
  key += '\0';
  if (level.client_id != part::none) {
    key.append("client ").append(client_id);
  }
  return key;
}

}  // namespace

std::optional<client_quota> find_quota(const cluster::client_quotas& quotas,
                                       cluster::quota_kind kind, std::string_view user,
                                       std::string_view client_id) {
  for (const level& level : levels) {
    const bool is_nameless = (level.user == part::named && user.empty()) ||
                             (level.client_id == part::named && client_id.empty());
    if (is_nameless) {
      continue;  // the empty name stands for the default
    }
    const auto entity = quotas.find(
        {.user = in_entity(level.user, user), .client_id = in_entity(level.client_id, client_id)});
    if (entity != quotas.end()) {
      if (const auto& limit = entity->second[static_cast<std::size_t>(kind)]) {
        return client_quota{*limit, key_of(level, kind, user, client_id)};
      }
    }
  }
  return std::nullopt;
}

std::string_view user_of(std::string_view principal) {
  return principal.substr(std::min(principal.find(':') + 1, principal.size()));
}

}  // namespace barnabas::broker
