#include "broker/handlers/describe_client_quotas.h"

#include <fmt/format.h>

#include "broker/handlers/quota_entities.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::describe_client_quotas_request;
using protocol::describe_client_quotas_response;

enum class match : std::int8_t { exact = 0, of_default = 1, any = 2 };

using component = describe_client_quotas_request::component_data;
// By the place in quota_entity_types; null where no component names the part.
using filter = std::array<const component*, quota_entity_types.size()>;

result<> check_match(const component& it) {
  const bool is_known = it.match_type >= static_cast<std::int8_t>(match::exact) &&
                        it.match_type <= static_cast<std::int8_t>(match::any);
  if (!is_known) {
    return fail(error_code::invalid_request,
                fmt::format("match type {}: they are 0 to 2", it.match_type));
  }
  const bool is_exact = static_cast<match>(it.match_type) == match::exact;
  if (is_exact != it.match.has_value()) {
    return fail(error_code::invalid_request,
                is_exact
                    ? fmt::format("an exact match of {} has no name", it.entity_type)
                    : fmt::format("match type {} of {} has a name", it.match_type, it.entity_type));
  }
  return {};
}

result<filter> filter_of(const describe_client_quotas_request& message) {
  filter by_part{};
  for (const component& one : message.components) {
    if (one.entity_type.empty()) {
      return fail(error_code::invalid_request, "an entity type is empty");
    }
    const quota_entity_type* type = find_quota_entity_type(one.entity_type);
    if (type == nullptr) {
      return fail(
          error_code::unsupported_version,
          fmt::format("entity type '{}': they are user, client-id and ip", one.entity_type));
    }
    const component*& place = by_part[static_cast<std::size_t>(type - quota_entity_types.data())];
    if (place != nullptr) {
      return fail(error_code::invalid_request,
                  fmt::format("entity type {} is named twice", one.entity_type));
    }
    if (auto valid = check_match(one); !valid) {
      return std::unexpected(std::move(valid.error()));
    }
    place = &one;
  }
  if (by_part[2] != nullptr && (by_part[0] != nullptr || by_part[1] != nullptr)) {
    return fail(error_code::invalid_request, "ip cannot be combined with user or client-id");
  }
  return by_part;
}

bool matches(const component* wanted, bool is_strict, const std::optional<std::string>& part) {
  if (wanted == nullptr) {
    return !part || !is_strict;
  }
  switch (static_cast<match>(wanted->match_type)) {
    case match::exact:
      return part && !part->empty() && *part == *wanted->match;
    case match::of_default:
      return part && part->empty();
    case match::any:
      return part.has_value();
  }
  return false;
}

void show(describe_client_quotas_response::entry_data& out, const cluster::quota_entity& entity,
          const cluster::quota_values& values) {
  for (const quota_entity_type& type : quota_entity_types) {
    if (const auto& part = entity.*type.part; part) {
      out.entity.push_back(
          {type.name, part->empty() ? std::optional<std::string_view>() : std::string_view(*part)});
    }
  }
  for (std::size_t kind = 0; kind < values.size(); ++kind) {
    if (values[kind]) {
      out.values.push_back({cluster::quota_keys[kind], *values[kind]});
    }
  }
}

}  // namespace

owned_response<describe_client_quotas_response> describe_client_quotas(
    metadata_services services, const describe_client_quotas_request& message) {
  describe_client_quotas_response out;
  const auto wanted = filter_of(message);
  if (!wanted) {
    const auto keeps = std::make_shared<response_texts>();
    out.error_code = wanted.error().code;
    out.error_message = keeps->keep(wanted.error().message);
    out.entries.reset();
    return {std::move(out), keeps};
  }
  const auto quotas = services.images.current()->quotas;
  for (const auto& [entity, values] : *quotas) {
    bool is_match = true;
    for (std::size_t i = 0; i < wanted->size(); ++i) {
      is_match =
          is_match && matches((*wanted)[i], message.strict, entity.*quota_entity_types[i].part);
    }
    if (is_match) {
      show(out.entries->emplace_back(), entity, values);
    }
  }
  return {std::move(out), quotas};
}

}  // namespace barnabas::broker::handlers
