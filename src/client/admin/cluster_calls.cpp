#include "client/admin/cluster_calls.h"

#include "client/admin/operations.h"
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"

namespace barnabas::client {

answer_to<kafka::cluster_description> describe_cluster(cluster& cluster, bool with_operations) {
  auto call = call_of_one<protocol::describe_cluster_request, protocol::describe_cluster_response,
                          kafka::cluster_description>(to_any_broker);
  call.request = [with_operations](const auto&, const request_terms& terms) {
    protocol::describe_cluster_request request;
    request.include_cluster_authorized_operations = with_operations;
    request.include_fenced_brokers = terms.version >= 2;
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    kafka::cluster_description described{
        .id = std::string(said.cluster_id),
        .controller = said.controller_id,
        .operations = operations_of(said.cluster_authorized_operations)};
    for (const auto& broker : said.brokers) {
      described.brokers.push_back({broker.broker_id, std::string(broker.host), broker.port,
                                   text_of(broker.rack), broker.is_fenced});
    }
    told.tell_only(std::move(described));
  };
  return ask_one(cluster, std::move(call));
}

}  // namespace barnabas::client
