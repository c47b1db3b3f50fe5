#include "client/admin/cluster_calls.h"
#include "protocol/messages/add_raft_voter_request.h"
#include "protocol/messages/add_raft_voter_response.h"
#include "protocol/messages/describe_quorum_request.h"
#include "protocol/messages/describe_quorum_response.h"
#include "protocol/messages/remove_raft_voter_request.h"
#include "protocol/messages/remove_raft_voter_response.h"
#include "protocol/messages/unregister_broker_request.h"
#include "protocol/messages/unregister_broker_response.h"

namespace barnabas::client {
namespace {

constexpr std::string_view metadata_topic = "__cluster_metadata";

std::vector<kafka::quorum_replica> replicas_in(
    const std::vector<protocol::describe_quorum_response::replica_state>& said) {
  std::vector<kafka::quorum_replica> all;
  for (const auto& each : said) {
    all.push_back({each.replica_id, each.replica_directory_id.to_string(), each.log_end_offset,
                   each.last_fetch_timestamp, each.last_caught_up_timestamp});
  }
  return all;
}

kafka::quorum_description description_of(
    const protocol::describe_quorum_response& said,
    const protocol::describe_quorum_response::partition_data& partition) {
  kafka::quorum_description described{.leader = partition.leader_id,
                                      .leader_epoch = partition.leader_epoch,
                                      .high_watermark = partition.high_watermark,
                                      .voters = replicas_in(partition.current_voters),
                                      .observers = replicas_in(partition.observers)};
  for (const auto& node : said.nodes) {
    auto& listeners = described.listeners[node.node_id];
    for (const auto& listener : node.listeners) {
      listeners.push_back({std::string(listener.name), std::string(listener.host), listener.port});
    }
  }
  return described;
}

// A directory's id that is none would be taken for another's.
kafka::result<uuid> directory_of(const kafka::raft_voter& voter) {
  const auto id = uuid::parse(voter.directory_id);
  return id ? kafka::result<uuid>(*id)
            : public_error(error{error_code::invalid_request,
                                 "the directory id of voter " + std::to_string(voter.id) +
                                     " is no id: " + voter.directory_id});
}
std::optional<std::string_view> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

answer_to<kafka::quorum_description> describe_metadata_quorum(cluster& cluster) {
  auto call = call_of_one<protocol::describe_quorum_request, protocol::describe_quorum_response,
                          kafka::quorum_description>(to_any_broker);
  call.request = [](const auto&, const request_terms&) {
    protocol::describe_quorum_request request;
    request.topics.push_back({metadata_topic, {{0}}});
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.topics) {
      for (const auto& partition : topic.partitions) {
        told.tell_only(outcome_of(partition, [&] { return description_of(said, partition); }));
      }
    }
  };
  return ask_one(cluster, std::move(call));
}

answer_to<void> add_raft_voter(cluster& cluster, const kafka::raft_voter& voter,
                               const std::vector<kafka::raft_listener>& listeners) {
  const auto directory = directory_of(voter);
  if (!directory) {
    co_return directory.error();
  }
  auto call = call_of_one<protocol::add_raft_voter_request, protocol::add_raft_voter_response>(
      to_any_broker);
  call.request = [&](const auto&, const request_terms& terms) {
    protocol::add_raft_voter_request request;
    request.cluster_id = given(voter.cluster_id);
    request.timeout_ms = terms.timeout_ms;
    request.voter_id = voter.id;
    request.voter_directory_id = *directory;
    for (const kafka::raft_listener& each : listeners) {
      request.listeners.push_back({each.name, each.host, each.port});
    }
    return request;
  };
  co_return co_await ask_one(cluster, std::move(call));
}

answer_to<void> remove_raft_voter(cluster& cluster, const kafka::raft_voter& voter) {
  const auto directory = directory_of(voter);
  if (!directory) {
    co_return directory.error();
  }
  auto call =
      call_of_one<protocol::remove_raft_voter_request, protocol::remove_raft_voter_response>(
          to_any_broker);
  call.request = [&](const auto&, const request_terms&) {
    return protocol::remove_raft_voter_request{given(voter.cluster_id), voter.id, *directory};
  };
  co_return co_await ask_one(cluster, std::move(call));
}

answer_to<void> unregister_broker(cluster& cluster, std::int32_t broker) {
  auto call =
      call_of_one<protocol::unregister_broker_request, protocol::unregister_broker_response>(
          to_any_broker);
  call.request = [broker](const auto&, const request_terms&) {
    return protocol::unregister_broker_request{broker};
  };
  return ask_one(cluster, std::move(call));
}

}  // namespace barnabas::client
