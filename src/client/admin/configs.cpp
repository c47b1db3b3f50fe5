#include "client/admin/configs.h"

#include <charconv>

#include "client/admin/config_entries.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"
#include "protocol/messages/list_config_resources_request.h"
#include "protocol/messages/list_config_resources_response.h"

namespace barnabas::client {
namespace {

using kafka::each;
using kafka::resource;
using kafka::resource_type;
using resource_list = std::vector<resource>;

call_route route_to(const resource& of) {
  const bool is_about_one = (of.type == resource_type::broker && !of.name.empty()) ||
                            of.type == resource_type::broker_logger;
  if (!is_about_one) {
    return {};
  }
  std::int32_t id = -1;
  std::from_chars(of.name.data(), of.name.data() + of.name.size(), id);
  return id < 0 ? call_route() : to_broker(id);  // what is no id any broker may refuse
}

resource resource_of(std::int8_t type, std::string_view name) {
  return {static_cast<resource_type>(type), std::string(name)};
}

kafka::config_entry described_entry(
    const protocol::describe_configs_response::describe_configs_resource_result& said) {
  kafka::config_entry entry = entry_of(said);
  entry.is_default = entry.is_default || said.is_default;
  entry.documentation = said.documentation.value_or("");
  for (const auto& synonym : said.synonyms) {
    entry.synonyms.push_back({std::string(synonym.name), text_of(synonym.value),
                              static_cast<kafka::config_source>(synonym.source)});
  }
  return entry;
}

std::int8_t operation_of(const kafka::config_change& change) {
  const bool takes_back = !change.value && change.operation == kafka::config_operation::set;
  return static_cast<std::int8_t>(takes_back ? kafka::config_operation::remove : change.operation);
}

}  // namespace

answer_to<each<resource, std::vector<kafka::config_entry>>> describe_configs(
    cluster& cluster, const resource_list& resources) {
  call_about<protocol::describe_configs_request, protocol::describe_configs_response, resource,
             std::vector<kafka::config_entry>>
      call{.keys = resources, .route = route_to};
  call.request = [](const resource_list& some, const request_terms& terms) {
    protocol::describe_configs_request request;
    request.include_synonyms = terms.version >= 1;
    request.include_documentation = terms.version >= 3;
    for (const resource& of : some) {
      request.resources.push_back({static_cast<std::int8_t>(of.type), of.name, std::nullopt});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& result : said.results) {
      told.tell(resource_of(result.resource_type, result.resource_name), outcome_of(result, [&] {
                  std::vector<kafka::config_entry> entries;
                  for (const auto& entry : result.configs) {
                    entries.push_back(described_entry(entry));
                  }
                  return entries;
                }));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<resource>> alter_configs(
    cluster& cluster, const std::map<resource, std::vector<kafka::config_change>>& changes,
    bool validates_only) {
  call_about<protocol::incremental_alter_configs_request,
             protocol::incremental_alter_configs_response, resource>
      call{.keys = keys_of(changes), .route = route_to};
  call.request = [&changes, validates_only](const resource_list& some, const request_terms&) {
    protocol::incremental_alter_configs_request request;
    request.validate_only = validates_only;
    for (const resource& of : some) {
      auto& asked = request.resources.emplace_back();
      asked.resource_type = static_cast<std::int8_t>(of.type);
      asked.resource_name = of.name;
      for (const kafka::config_change& change : changes.at(of)) {
        asked.configs.push_back({change.name, operation_of(change), change.value});
      }
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& result : said.responses) {
      told.tell(resource_of(result.resource_type, result.resource_name), outcome_of(result));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<resource_list> list_config_resources(cluster& cluster,
                                               const std::vector<resource_type>& types) {
  auto call = call_of_one<protocol::list_config_resources_request,
                          protocol::list_config_resources_response, resource_list>(to_any_broker);
  // Version 0 lists what client metrics are collected, and nothing else.
  const bool is_about_metrics = types == std::vector<resource_type>{resource_type::client_metrics};
  call.lowest = is_about_metrics ? 0 : 1;
  call.request = [&types](const auto&, const request_terms& terms) {
    protocol::list_config_resources_request request;
    for (const resource_type type : types) {
      if (terms.version >= 1) {
        request.resource_types.push_back(static_cast<std::int8_t>(type));
      }
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    resource_list all;
    for (const auto& each : said.config_resources) {
      all.push_back(resource_of(each.resource_type, each.resource_name));
    }
    told.tell_only(std::move(all));
  };
  return ask_one(cluster, std::move(call));
}

}  // namespace barnabas::client
