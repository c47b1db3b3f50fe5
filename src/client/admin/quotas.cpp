#include "client/admin/quotas.h"

#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "protocol/messages/describe_client_quotas_request.h"
#include "protocol/messages/describe_client_quotas_response.h"

namespace barnabas::client {
namespace {

using kafka::quota_entity;
using quotas_by_entity = std::map<quota_entity, kafka::quota_values>;

template <class Parts>
quota_entity entity_in(const Parts& parts) {
  quota_entity entity;
  for (const auto& part : parts) {
    entity.emplace(part.entity_type, text_of(part.entity_name));
  }
  return entity;
}

protocol::alter_client_quotas_request::entry_data entry_for(const quota_entity& entity,
                                                            const kafka::quota_changes& changes) {
  protocol::alter_client_quotas_request::entry_data entry;
  for (const auto& [type, name] : entity) {
    entry.entity.push_back({type, name});
  }
  for (const auto& [name, value] : changes) {
    entry.ops.push_back({name, value.value_or(0), !value.has_value()});
  }
  return entry;
}

}  // namespace

answer_to<quotas_by_entity> describe_client_quotas(cluster& cluster,
                                                   const kafka::quota_filter& filter) {
  auto call =
      call_of_one<protocol::describe_client_quotas_request,
                  protocol::describe_client_quotas_response, quotas_by_entity>(to_any_broker);
  call.request = [&filter](const auto&, const request_terms&) {
    protocol::describe_client_quotas_request request;
    request.strict = filter.is_strict;
    for (const kafka::quota_filter_part& part : filter.parts) {
      auto& asked = request.components.emplace_back();
      asked.entity_type = part.entity_type;
      asked.match_type = static_cast<std::int8_t>(part.match);
      const bool has_name = part.match == kafka::quota_match::exact;
      asked.match = has_name ? std::optional<std::string_view>(part.name) : std::nullopt;
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    quotas_by_entity all;
    if (!said.entries) {
      return told.tell_only(std::move(all));
    }
    for (const auto& entry : *said.entries) {
      kafka::quota_values& values = all[entity_in(entry.entity)];
      for (const auto& value : entry.values) {
        values.emplace(value.key, value.value);
      }
    }
    told.tell_only(std::move(all));
  };
  return ask_one(cluster, std::move(call));
}

answer_to<kafka::each<quota_entity>> alter_client_quotas(
    cluster& cluster, const std::map<quota_entity, kafka::quota_changes>& changes,
    bool validates_only) {
  call_about<protocol::alter_client_quotas_request, protocol::alter_client_quotas_response,
             quota_entity>
      call{.keys = keys_of(changes), .route = to_any_broker};
  call.request = [&changes, validates_only](const std::vector<quota_entity>& some,
                                            const request_terms&) {
    protocol::alter_client_quotas_request request;
    request.validate_only = validates_only;
    for (const quota_entity& entity : some) {
      request.entries.push_back(entry_for(entity, changes.at(entity)));
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& entry : said.entries) {
      told.tell(entity_in(entry.entity), outcome_of(entry));
    }
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
