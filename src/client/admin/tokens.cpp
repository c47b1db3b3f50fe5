#include "client/admin/tokens.h"

#include "protocol/messages/create_delegation_token_request.h"
#include "protocol/messages/create_delegation_token_response.h"
#include "protocol/messages/describe_delegation_token_request.h"
#include "protocol/messages/describe_delegation_token_response.h"
#include "protocol/messages/expire_delegation_token_request.h"
#include "protocol/messages/expire_delegation_token_response.h"
#include "protocol/messages/renew_delegation_token_request.h"
#include "protocol/messages/renew_delegation_token_response.h"

namespace barnabas::client {
namespace {

using kafka::delegation_token;
using tokens = std::vector<delegation_token>;

// Tokens for somebody else came with version 3 (KIP-373).
constexpr std::int16_t first_with_owners = 3;

template <class Said>
delegation_token token_of(const Said& said) {
  return {.owner = {std::string(said.principal_type), std::string(said.principal_name)},
          .requester = {std::string(said.token_requester_principal_type),
                        std::string(said.token_requester_principal_name)},
          .id = std::string(said.token_id),
          .hmac = std::string(as_text(said.hmac))};
}

}  // namespace

answer_to<delegation_token> create_delegation_token(cluster& cluster,
                                                    const kafka::new_delegation_token& wanted) {
  auto call =
      call_of_one<protocol::create_delegation_token_request,
                  protocol::create_delegation_token_response, delegation_token>(to_any_broker);
  call.lowest = wanted.owner ? first_with_owners : 0;
  call.request = [&wanted](const auto&, const request_terms&) {
    protocol::create_delegation_token_request request;
    request.max_lifetime_ms = wanted.max_lifetime_ms;
    if (wanted.owner) {
      request.owner_principal_type = wanted.owner->type;
      request.owner_principal_name = wanted.owner->name;
    }
    for (const kafka::principal_name& renewer : wanted.renewers) {
      request.renewers.push_back({renewer.type, renewer.name});
    }
    return request;
  };
  call.read = [&wanted](const auto& said, auto& told) {
    delegation_token token = token_of(said);
    token.issued_ms = said.issue_timestamp_ms;
    token.expires_ms = said.expiry_timestamp_ms;
    token.expires_at_most_ms = said.max_timestamp_ms;
    token.renewers = wanted.renewers;
    told.tell_only(std::move(token));
  };
  return ask_one(cluster, std::move(call));
}

answer_to<std::int64_t> renew_delegation_token(cluster& cluster, const std::string& hmac,
                                               std::int64_t period_ms) {
  auto call = call_of_one<protocol::renew_delegation_token_request,
                          protocol::renew_delegation_token_response, std::int64_t>(to_any_broker);
  call.request = [&hmac, period_ms](const auto&, const request_terms&) {
    return protocol::renew_delegation_token_request{as_bytes(hmac), period_ms};
  };
  call.read = [](const auto& said, auto& told) { told.tell_only(said.expiry_timestamp_ms); };
  return ask_one(cluster, std::move(call));
}

answer_to<std::int64_t> expire_delegation_token(cluster& cluster, const std::string& hmac,
                                                std::int64_t period_ms) {
  auto call = call_of_one<protocol::expire_delegation_token_request,
                          protocol::expire_delegation_token_response, std::int64_t>(to_any_broker);
  call.request = [&hmac, period_ms](const auto&, const request_terms&) {
    return protocol::expire_delegation_token_request{as_bytes(hmac), period_ms};
  };
  call.read = [](const auto& said, auto& told) { told.tell_only(said.expiry_timestamp_ms); };
  return ask_one(cluster, std::move(call));
}

answer_to<tokens> describe_delegation_tokens(cluster& cluster,
                                             const std::vector<kafka::principal_name>& owners) {
  auto call = call_of_one<protocol::describe_delegation_token_request,
                          protocol::describe_delegation_token_response, tokens>(to_any_broker);
  call.request = [&owners](const auto&, const request_terms&) {
    protocol::describe_delegation_token_request request;
    request.owners.reset();
    for (const kafka::principal_name& owner : owners) {
      if (!request.owners) {
        request.owners.emplace();
      }
      request.owners->push_back({owner.type, owner.name});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    tokens all;
    for (const auto& each : said.tokens) {
      delegation_token& token = all.emplace_back(token_of(each));
      token.issued_ms = each.issue_timestamp;
      token.expires_ms = each.expiry_timestamp;
      token.expires_at_most_ms = each.max_timestamp;
      for (const auto& renewer : each.renewers) {
        token.renewers.push_back(
            {std::string(renewer.principal_type), std::string(renewer.principal_name)});
      }
    }
    told.tell_only(std::move(all));
  };
  return ask_one(cluster, std::move(call));
}

}  // namespace barnabas::client
