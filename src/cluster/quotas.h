// Client quotas as values: whom they are for, and how much (KIP-55, KIP-124, KIP-599, KIP-612); and
// the request to change them. The quotas that stand in the store are a part of the metadata image.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::cluster {

enum class quota_kind : std::uint8_t {
  producer_byte_rate,        // bytes a second
  consumer_byte_rate,        // bytes a second
  request_percentage,        // of one core's time
  controller_mutation_rate,  // partitions created and deleted a second
  connection_creation_rate,  // connections a second
};

// Their keys in messages and in the store, in the order of quota_kind.
inline constexpr std::array<std::string_view, 5> quota_keys = {
    "producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate",
    "connection_creation_rate"};

// A user, a client id, a client id of a user, or an address. Null: the entity does not say; "": the
// default, whoever has no entity with his own name.
struct quota_entity {
  std::optional<std::string> user;
  std::optional<std::string> client_id;
  std::optional<std::string> ip;

  auto operator<=>(const quota_entity&) const = default;
};

// By quota_kind.
using quota_values = std::array<std::optional<double>, quota_keys.size()>;
// Entities have at least one value.
using client_quotas = std::map<quota_entity, quota_values>;

struct quota_edit {
  std::string key;
  std::optional<double> value;  // nothing: the quota goes
};
struct quota_change {
  quota_entity entity;  // a valid one: an address alone, or a user, a client id, or both
  std::vector<quota_edit> edits;
};

}  // namespace barnabas::cluster
