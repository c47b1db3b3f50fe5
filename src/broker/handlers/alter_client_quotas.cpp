#include "broker/handlers/alter_client_quotas.h"

#include <fmt/format.h>

#include "broker/handlers/quota_entities.h"
#include "network/listener_address.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::alter_client_quotas_request;
using protocol::alter_client_quotas_response;

std::unexpected<error> refuse(std::string why) {
  return fail(error_code::invalid_request, std::move(why));
}

result<cluster::quota_entity> entity_of(const alter_client_quotas_request::entry_data& asked) {
  cluster::quota_entity entity;
  for (const auto& named : asked.entity) {
    const quota_entity_type* type = find_quota_entity_type(named.entity_type);
    if (type == nullptr) {
      return refuse(
          fmt::format("entity type '{}': they are user, client-id and ip", named.entity_type));
    }
    auto& part = entity.*type->part;
    if (part) {
      return refuse(fmt::format("entity type {} is named twice", type->name));
    }
    if (named.entity_name &&
        (*named.entity_name == "" || *named.entity_name == "." || *named.entity_name == "..")) {
      return refuse(fmt::format("'{}' is no name of a {}", *named.entity_name, type->name));
    }
    part = std::string(named.entity_name.value_or(""));
  }
  if (asked.entity.empty()) {
    return refuse("an entity without a user, a client-id or an ip");
  }
  if (entity.ip && (entity.user || entity.client_id)) {
    return refuse("ip cannot be combined with user or client-id");
  }
  if (entity.ip && !entity.ip->empty() && !network::numeric_address(*entity.ip)) {
    return refuse(fmt::format("'{}' is not an ip address", *entity.ip));
  }
  return entity;
}

result<cluster::quota_change> change_of(const alter_client_quotas_request::entry_data& asked) {
  auto entity = entity_of(asked);
  if (!entity) {
    return std::unexpected(std::move(entity.error()));
  }
  cluster::quota_change change{.entity = std::move(*entity)};
  for (const auto& op : asked.ops) {
    change.edits.push_back(
        {std::string(op.key), op.remove ? std::optional<double>() : std::optional(op.value)});
  }
  return change;
}

}  // namespace

runtime::task<owned_response<alter_client_quotas_response>> alter_client_quotas(
    metadata_services services, alter_client_quotas_request message) {
  const auto keeps = std::make_shared<response_texts>();
  std::vector<result<>> answers(message.entries.size());
  std::vector<cluster::quota_change> changes;
  std::vector<std::size_t> owners;  // of each of them, the number of its answer
  for (std::size_t i = 0; i < message.entries.size(); ++i) {
    if (auto change = change_of(message.entries[i])) {
      changes.push_back(std::move(*change));
      owners.push_back(i);
    } else {
      answers[i] = std::unexpected(std::move(change.error()));
    }
  }
  const bool validate_only = message.validate_only;
  auto outcomes = co_await ask_controller(
      services, [changes = std::move(changes), validate_only](cluster::controller& controller) {
        return controller.alter_quotas(changes, validate_only);
      });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    answers[owners[i]] = std::move(outcomes[i]);
  }
  alter_client_quotas_response out;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& entry = out.entries.emplace_back();
    entry.error_message = std::nullopt;
    if (!answers[i]) {
      entry.error_code = answers[i].error().code;
      entry.error_message = keeps->keep(answers[i].error().message);
    }
    for (const auto& named : message.entries[i].entity) {
      entry.entity.push_back({named.entity_type, named.entity_name});
    }
  }
  co_return owned_response<alter_client_quotas_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
