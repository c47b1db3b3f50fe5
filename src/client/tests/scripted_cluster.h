// A scripted broker (rpc/tests) that answers versions, metadata and producer
// ids well, and Produce and Fetch as a test says.
#pragma once

#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "record/batch_view.h"
#include "rpc/tests/scripted_broker.h"

namespace barnabas::client {

using rpc::asked;
using rpc::reply;
using runtime::task;

// The first of the errors that a broker still has to answer with; none when there are no more.
inline error_code take_next(std::vector<error_code>& left) {
  if (left.empty()) {
    return error_code::none;
  }
  const error_code next = left.front();
  left.erase(left.begin());
  return next;
}

inline protocol::metadata_response one_partition(std::string_view topic) {
  protocol::metadata_response answer;
  answer.brokers = {{.node_id = 1, .host = "broker", .port = 9092}};
  answer.controller_id = 1;
  answer.topics = {
      {.name = topic, .partitions = {{.partition_index = 0, .leader_id = 1, .leader_epoch = 3}}}};
  return answer;
}

inline reply produced(const asked& question, error_code code, std::int64_t offset,
                      std::string_view words = "", std::int32_t partition = 0) {
  protocol::produce_response answer;
  answer.responses = {
      {.name = "t",
       .partition_responses = {{.index = partition, .error_code = code, .base_offset = offset}}}};
  if (!words.empty()) {
    answer.responses[0].partition_responses[0].error_message = words;
  }
  return {rpc::answer_frame(question, answer)};
}

// The batch of a Produce request with one partition.
inline record::batch_view batch_in(const asked& question) {
  const auto request = rpc::request_in<protocol::produce_request>(question);
  return *record::batch_view::parse(request.topic_data[0].partition_data[0].records.bytes());
}

// `otherwise` answers everything that is not about the cluster.
inline rpc::script cluster_as(std::function<protocol::metadata_response()> described,
                              rpc::script otherwise) {
  return [described = std::move(described),
          otherwise = std::move(otherwise)](const asked& question) -> reply {
    switch (question.key) {
      case protocol::api_key::api_versions:
        return {rpc::all_versions(question)};
      case protocol::api_key::metadata:
        return {rpc::answer_frame(question, described())};
      case protocol::api_key::init_producer_id: {
        protocol::init_producer_id_response answer;
        answer.producer_id = 77;
        return {rpc::answer_frame(question, answer)};
      }
      case protocol::api_key::list_offsets: {
        protocol::list_offsets_response answer;
        answer.topics = {{.name = "t", .partitions = {{.partition_index = 0, .offset = 0}}}};
        return {rpc::answer_frame(question, answer)};
      }
      default:
        return otherwise(question);
    }
  };
}

inline rpc::script cluster_of_one(rpc::script otherwise) {
  return cluster_as([] { return one_partition("t"); }, std::move(otherwise));
}

}  // namespace barnabas::client
