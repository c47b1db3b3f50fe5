#include <boost/json.hpp>
#include <charconv>

#include "cluster/detail/znodes.h"

namespace barnabas::cluster::detail::znodes {
namespace {

namespace json = boost::json;

std::optional<json::object> parse(std::string_view text) {
  boost::system::error_code problem;
  json::value value = json::parse(json::string_view(text.data(), text.size()), problem);
  if (problem || !value.is_object()) {
    return std::nullopt;
  }
  return std::move(value.as_object());
}

std::optional<std::string> text_in(const json::object& from, const char* key) {
  const json::value* value = from.if_contains(key);
  if (!value || !value->is_string()) {
    return std::nullopt;
  }
  return std::string(value->as_string());
}

// A number, or one written as a string, as the block of producer ids has it.
std::optional<std::int64_t> number_of(const json::value* value) {
  if (!value) {
    return std::nullopt;
  }
  if (value->is_int64()) {
    return value->as_int64();
  }
  std::int64_t number = 0;
  if (value->is_string()) {
    const auto& text = value->as_string();
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc() && end == text.data() + text.size()) {
      return number;
    }
  }
  return std::nullopt;
}

std::optional<std::int32_t> int32_in(const json::object& from, const char* key) {
  const auto number = number_of(from.if_contains(key));
  return number && std::in_range<std::int32_t>(*number)
             ? std::optional(static_cast<std::int32_t>(*number))
             : std::nullopt;
}

std::optional<broker_ids> ids_of(const json::value* value) {
  if (!value || !value->is_array()) {
    return std::nullopt;
  }
  std::vector<std::int32_t> ids;
  for (const json::value& one : value->as_array()) {
    if (!one.is_int64() || !std::in_range<std::int32_t>(one.as_int64())) {
      return std::nullopt;
    }
    ids.push_back(static_cast<std::int32_t>(one.as_int64()));
  }
  return broker_ids(ids);
}

std::optional<std::int32_t> index_of(std::string_view key) {
  std::int32_t index = 0;
  const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), index);
  return problem == std::errc() && end == key.data() + key.size() && index >= 0
             ? std::optional(index)
             : std::nullopt;
}

// {"0":[1,2],...}; nothing when it is there and malformed, empty when it is not there.
std::optional<std::map<std::int32_t, broker_ids>> replicas_in(const json::object& from,
                                                              const char* key) {
  std::map<std::int32_t, broker_ids> replicas;
  const json::value* value = from.if_contains(key);
  if (!value) {
    return replicas;
  }
  if (!value->is_object()) {
    return std::nullopt;
  }
  for (const auto& one : value->as_object()) {
    const auto index = index_of(one.key());
    auto ids = ids_of(&one.value());
    if (!index || !ids) {
      return std::nullopt;
    }
    replicas.emplace(*index, std::move(*ids));
  }
  return replicas;
}

}  // namespace

std::optional<std::string> read_cluster_id(std::string_view json) {
  const auto object = parse(json);
  return object ? text_in(*object, "id") : std::nullopt;
}

std::optional<topic> read_topic(std::string name, std::string_view json) {
  const auto object = parse(json);
  if (!object) {
    return std::nullopt;
  }
  auto replicas = replicas_in(*object, "partitions");
  auto adding = replicas_in(*object, "adding_replicas");
  auto removing = replicas_in(*object, "removing_replicas");
  // Clusters from before KIP-516 have no topic id; it stays zero.
  const auto id = uuid::parse(text_in(*object, "topic_id").value_or(uuid().to_string()));
  if (!replicas || replicas->empty() || !adding || !removing || !id ||
      replicas->rbegin()->first + 1 != static_cast<std::int64_t>(replicas->size())) {
    return std::nullopt;
  }
  topic found{.name = std::move(name), .id = *id};
  found.partitions.resize(replicas->size());
  for (auto& [index, ids] : *replicas) {
    found.partitions[index].replicas = std::move(ids);
    found.partitions[index].partition_epoch = -1;
  }
  for (auto& [index, ids] : *adding) {
    found.reassignments[index].adding = std::move(ids);
  }
  for (auto& [index, ids] : *removing) {
    found.reassignments[index].removing = std::move(ids);
  }
  return found;
}

bool read_state(std::string_view json, std::int32_t node_version, partition& into) {
  const auto object = parse(json);
  if (!object) {
    return false;
  }
  const auto leader = int32_in(*object, "leader");
  const auto leader_epoch = int32_in(*object, "leader_epoch");
  auto isr = ids_of(object->if_contains("isr"));
  if (!leader || !leader_epoch || !isr) {
    return false;
  }
  into.leader = *leader;
  into.leader_epoch = *leader_epoch;
  into.isr = std::move(*isr);
  into.controller_epoch = int32_in(*object, "controller_epoch").value_or(0);
  into.partition_epoch = node_version;
  return true;
}

std::optional<overrides> read_config(std::string_view json) {
  const auto object = parse(json);
  const json::value* config = object ? object->if_contains("config") : nullptr;
  if (!config || !config->is_object()) {
    return std::nullopt;
  }
  overrides found;
  for (const auto& one : config->as_object()) {
    if (!one.value().is_string()) {
      return std::nullopt;
    }
    found.emplace(std::string(one.key()), std::string(one.value().as_string()));
  }
  return found;
}

std::optional<producer_id_range> read_producer_ids(std::string_view json) {
  if (json.empty()) {
    return producer_id_range{};
  }
  const auto object = parse(json);
  if (!object) {
    return std::nullopt;
  }
  const auto first = number_of(object->if_contains("block_start"));
  const auto last = number_of(object->if_contains("block_end"));
  if (!first || !last || *first < 0 || *last < *first) {
    return std::nullopt;
  }
  return producer_id_range{*first, *last};
}

}  // namespace barnabas::cluster::detail::znodes
