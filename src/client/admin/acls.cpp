#include "client/admin/acls.h"

#include "protocol/messages/create_acls_request.h"
#include "protocol/messages/create_acls_response.h"
#include "protocol/messages/delete_acls_request.h"
#include "protocol/messages/delete_acls_response.h"
#include "protocol/messages/describe_acls_request.h"
#include "protocol/messages/describe_acls_response.h"

namespace barnabas::client {
namespace {

using kafka::acl_binding;
using kafka::acl_filter;
using kafka::each;

// Patterns other than literal ones came with version 1 (KIP-290).
constexpr std::int16_t first_with_patterns = 1;

template <class Asked>
void fill(Asked& asked, const acl_filter& filter) {
  asked.resource_type_filter = static_cast<std::int8_t>(filter.type);
  asked.resource_name_filter = filter.name;
  asked.pattern_type_filter = static_cast<std::int8_t>(filter.pattern);
  asked.principal_filter = filter.principal;
  asked.host_filter = filter.host;
  asked.operation = static_cast<std::int8_t>(filter.operation);
  asked.permission_type = static_cast<std::int8_t>(filter.permission);
}

template <class Resource, class Acl>
acl_binding binding_of(const Resource& resource, const Acl& acl) {
  return {static_cast<kafka::acl_resource_type>(resource.resource_type),
          std::string(resource.resource_name),
          static_cast<kafka::acl_pattern>(resource.pattern_type),
          std::string(acl.principal),
          std::string(acl.host),
          static_cast<kafka::acl_operation>(acl.operation),
          static_cast<kafka::acl_permission>(acl.permission_type)};
}

}  // namespace

answer_to<std::vector<acl_binding>> describe_acls(cluster& cluster, const acl_filter& filter) {
  auto call = call_of_one<protocol::describe_acls_request, protocol::describe_acls_response,
                          std::vector<acl_binding>>(to_any_broker);
  call.lowest = first_with_patterns;
  call.request = [&filter](const auto&, const request_terms&) {
    protocol::describe_acls_request request;
    fill(request, filter);
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    std::vector<acl_binding> all;
    for (const auto& resource : said.resources) {
      for (const auto& acl : resource.acls) {
        all.push_back(binding_of(resource, acl));
      }
    }
    told.tell_only(std::move(all));
  };
  return ask_one(cluster, std::move(call));
}

answer_to<each<acl_binding>> create_acls(cluster& cluster,
                                         const std::vector<acl_binding>& bindings) {
  call_about<protocol::create_acls_request, protocol::create_acls_response, acl_binding> call{
      .keys = bindings, .route = to_any_broker, .lowest = first_with_patterns};
  call.request = [](const std::vector<acl_binding>& some, const request_terms&) {
    protocol::create_acls_request request;
    for (const acl_binding& binding : some) {
      request.creations.push_back({static_cast<std::int8_t>(binding.type), binding.name,
                                   static_cast<std::int8_t>(binding.pattern), binding.principal,
                                   binding.host, static_cast<std::int8_t>(binding.operation),
                                   static_cast<std::int8_t>(binding.permission)});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (std::size_t i = 0; i < std::min(said.results.size(), told.asked().size()); ++i) {
      told.tell(told.asked()[i], outcome_of(said.results[i]));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<acl_filter, each<acl_binding>>> delete_acls(cluster& cluster,
                                                           const std::vector<acl_filter>& filters) {
  call_about<protocol::delete_acls_request, protocol::delete_acls_response, acl_filter,
             each<acl_binding>>
      call{.keys = filters, .route = to_any_broker, .lowest = first_with_patterns};
  call.request = [](const std::vector<acl_filter>& some, const request_terms&) {
    protocol::delete_acls_request request;
    for (const acl_filter& filter : some) {
      fill(request.filters.emplace_back(), filter);
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (std::size_t i = 0; i < std::min(said.filter_results.size(), told.asked().size()); ++i) {
      const auto& result = said.filter_results[i];
      told.tell(told.asked()[i], outcome_of(result, [&] {
                  each<acl_binding> matching;
                  for (const auto& acl : result.matching_acls) {
                    matching.emplace(binding_of(acl, acl), outcome_of(acl));
                  }
                  return matching;
                }));
    }
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
