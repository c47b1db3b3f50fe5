#include "broker/handlers/describe_cluster.h"

namespace barnabas::broker::handlers {
namespace {

constexpr std::int8_t brokers = 1;
constexpr std::int8_t controllers = 2;

}  // namespace

owned_response<protocol::describe_cluster_response> describe_cluster(
    metadata_services services, const request& request,
    const protocol::describe_cluster_request& message) {
  protocol::describe_cluster_response out;
  out.endpoint_type = message.endpoint_type;
  if (message.endpoint_type == controllers) {
    out.error_code = error_code::mismatched_endpoint_type;
    out.error_message = "this is a broker's address, not a KRaft controller's";
    return {std::move(out), nullptr};
  }
  if (message.endpoint_type != brokers) {
    out.error_code = error_code::unsupported_endpoint_type;
    out.error_message = "endpoints are of type 1, brokers";
    return {std::move(out), nullptr};
  }
  const cluster::image_ptr image = services.images.current();
  out.cluster_id = image->cluster_id;
  out.controller_id = image->controller_id;
  for (const auto& [id, broker] : *image->brokers) {
    if (const auto* endpoint = broker.endpoint(request.connection->listener_name)) {
      out.brokers.push_back(
          {.broker_id = id, .host = endpoint->host, .port = endpoint->port, .rack = broker.rack});
    }
  }
  if (message.include_cluster_authorized_operations) {
    out.cluster_authorized_operations = all_cluster_operations;
  }
  return {std::move(out), image};
}

}  // namespace barnabas::broker::handlers
