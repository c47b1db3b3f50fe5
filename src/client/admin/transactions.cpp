#include "client/admin/transactions.h"

#include "protocol/messages/describe_transactions_request.h"
#include "protocol/messages/describe_transactions_response.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/list_transactions_request.h"
#include "protocol/messages/list_transactions_response.h"
#include "protocol/messages/write_txn_markers_request.h"
#include "protocol/messages/write_txn_markers_response.h"

namespace barnabas::client {
namespace {

using kafka::each;
using id_list = std::vector<std::string>;

call_route to_its_coordinator(const std::string& transactional_id) {
  return {.target = call_target::transaction_coordinator, .name = transactional_id};
}

kafka::transaction_description description_of(
    const protocol::describe_transactions_response::transaction_state_entry& said) {
  kafka::transaction_description described{.state = std::string(said.transaction_state),
                                           .producer_id = said.producer_id,
                                           .producer_epoch = said.producer_epoch,
                                           .timeout_ms = said.transaction_timeout_ms,
                                           .started_ms = said.transaction_start_time_ms};
  for (const auto& topic : said.topics) {
    for (const std::int32_t partition : topic.partitions) {
      described.partitions.push_back({std::string(topic.topic), partition});
    }
  }
  return described;
}

protocol::list_transactions_request question_of(const kafka::transaction_filter& filter) {
  protocol::list_transactions_request request;
  request.state_filters.assign(filter.states.begin(), filter.states.end());
  request.producer_id_filters = filter.producer_ids;
  request.duration_filter = filter.longer_than_ms;
  if (!filter.id_pattern.empty()) {
    request.transactional_id_pattern = filter.id_pattern;
  }
  return request;
}

}  // namespace

answer_to<each<std::int32_t, std::vector<kafka::transaction_listing>>> list_transactions(
    cluster& cluster, const kafka::transaction_filter& filter) {
  const auto brokers = co_await all_brokers(cluster);
  if (!brokers) {
    co_return public_error(brokers.error());
  }
  call_about<protocol::list_transactions_request, protocol::list_transactions_response,
             std::int32_t, std::vector<kafka::transaction_listing>>
      call{.keys = *brokers, .route = to_broker};
  call.request = [&filter](const auto&, const request_terms&) { return question_of(filter); };
  call.read = [](const auto& said, auto& told) {
    std::vector<kafka::transaction_listing> all;
    for (const auto& each : said.transaction_states) {
      all.push_back({std::string(each.transactional_id), each.producer_id,
                     std::string(each.transaction_state)});
    }
    told.tell_only(std::move(all));
  };
  co_return co_await ask_each(cluster, std::move(call));
}

answer_to<each<std::string, kafka::transaction_description>> describe_transactions(
    cluster& cluster, const id_list& transactional_ids) {
  call_about<protocol::describe_transactions_request, protocol::describe_transactions_response,
             std::string, kafka::transaction_description>
      call{.keys = transactional_ids, .route = to_its_coordinator};
  call.request = [](const id_list& some, const request_terms&) {
    protocol::describe_transactions_request request;
    request.transactional_ids.assign(some.begin(), some.end());
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& state : said.transaction_states) {
      told.tell(state.transactional_id, outcome_of(state, [&] { return description_of(state); }));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<void> abort_transaction(cluster& cluster, const kafka::open_transaction& transaction) {
  call_about<protocol::write_txn_markers_request, protocol::write_txn_markers_response,
             kafka::topic_partition>
      call{.keys = {transaction.partition}, .route = to_leader};
  call.request = [&transaction](const auto&, const request_terms&) {
    protocol::write_txn_markers_request request;
    auto& marker = request.markers.emplace_back();
    marker.producer_id = transaction.producer_id;
    marker.producer_epoch = transaction.producer_epoch;
    marker.coordinator_epoch = transaction.coordinator_epoch;
    marker.transaction_result = false;
    marker.topics.push_back({transaction.partition.topic, {transaction.partition.partition}});
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& marker : said.markers) {
      for (const auto& topic : marker.topics) {
        for (const auto& each : topic.partitions) {
          told.tell(kafka::topic_partition{std::string(topic.name), each.partition_index},
                    outcome_of(each));
        }
      }
    }
  };
  return ask_one(cluster, std::move(call));
}

answer_to<each<std::string, kafka::fenced_producer>> fence_producers(
    cluster& cluster, const id_list& transactional_ids) {
  call_about<protocol::init_producer_id_request, protocol::init_producer_id_response, std::string,
             kafka::fenced_producer>
      call{.keys = transactional_ids,
           .route = to_its_coordinator,
           .first_with_many_keys = never_many_keys};
  call.request = [](const id_list& some, const request_terms& terms) {
    protocol::init_producer_id_request request;
    request.transactional_id = some.front();
    request.transaction_timeout_ms = terms.timeout_ms;
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    told.tell_only(kafka::fenced_producer{said.producer_id, said.producer_epoch});
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
