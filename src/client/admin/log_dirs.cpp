#include "client/admin/log_dirs.h"

#include "protocol/messages/alter_replica_log_dirs_request.h"
#include "protocol/messages/alter_replica_log_dirs_response.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"

namespace barnabas::client {
namespace {

using kafka::each;
using kafka::replica;
using kafka::replica_place;
using kafka::topic_partition;
using describe_request = protocol::describe_log_dirs_request;
using describe_response = protocol::describe_log_dirs_response;

call_route to_its_broker(const replica& of) {
  return to_broker(of.broker);
}

kafka::log_dir_description description_of(const describe_response::describe_log_dirs_result& said) {
  kafka::log_dir_description described{.total_bytes = said.total_bytes,
                                       .usable_bytes = said.usable_bytes,
                                       .is_cordoned = said.is_cordoned};
  for (const auto& topic : said.topics) {
    for (const auto& partition : topic.partitions) {
      described.replicas.push_back({{std::string(topic.name), partition.partition_index},
                                    partition.partition_size,
                                    partition.offset_lag,
                                    partition.is_future_key});
    }
  }
  return described;
}

log_dirs_by_path descriptions_in(const describe_response& said) {
  log_dirs_by_path all;
  for (const auto& result : said.results) {
    all.emplace(result.log_dir, outcome_of(result, [&] { return description_of(result); }));
  }
  return all;
}

// Directories that are offline say nothing of their replicas.
std::map<topic_partition, replica_place> places_in(const describe_response& said) {
  std::map<topic_partition, replica_place> places;
  for (const auto& [path, described] : descriptions_in(said)) {
    if (!described) {
      continue;
    }
    for (const kafka::log_dir_replica& found : described->replicas) {
      replica_place& place = places[found.partition];
      (found.is_future ? place.future_log_dir : place.log_dir) = path;
      (found.is_future ? place.future_offset_lag : place.offset_lag) = found.offset_lag;
    }
  }
  return places;
}

}  // namespace

answer_to<each<std::int32_t, log_dirs_by_path>> describe_log_dirs(
    cluster& cluster, const std::vector<std::int32_t>& brokers) {
  std::vector<std::int32_t> wanted = brokers;
  if (wanted.empty()) {
    auto all = co_await all_brokers(cluster);
    if (!all) {
      co_return public_error(all.error());
    }
    wanted = std::move(*all);
  }
  call_about<describe_request, describe_response, std::int32_t, log_dirs_by_path> call{
      .keys = std::move(wanted), .route = to_broker};
  call.request = [](const auto&, const request_terms&) {
    describe_request request;
    request.topics.reset();
    return request;
  };
  call.read = [](const auto& said, auto& told) { told.tell_only(descriptions_in(said)); };
  co_return co_await ask_each(cluster, std::move(call));
}

answer_to<each<replica, replica_place>> describe_replica_log_dirs(
    cluster& cluster, const std::vector<replica>& replicas) {
  call_about<describe_request, describe_response, replica, replica_place> call{
      .keys = replicas, .route = to_its_broker};
  call.request = [](const std::vector<replica>& some, const request_terms&) {
    describe_request request;
    for (const replica& of : some) {
      topic_in(*request.topics, &describe_request::describable_log_dir_topic::topic,
               of.partition.topic)
          .partitions.push_back(of.partition.partition);
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    const auto places = places_in(said);
    for (const replica& of : told.asked()) {
      const auto found = places.find(of.partition);
      told.tell(of, found == places.end() ? replica_place() : found->second);
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<replica>> alter_replica_log_dirs(cluster& cluster,
                                                const std::map<replica, std::string>& paths) {
  using request_type = protocol::alter_replica_log_dirs_request;
  call_about<request_type, protocol::alter_replica_log_dirs_response, replica> call{
      .keys = keys_of(paths), .route = to_its_broker};
  call.request = [&paths](const std::vector<replica>& some, const request_terms&) {
    std::map<std::string_view, request_type::alter_replica_log_dir> by_path;
    for (const replica& of : some) {
      auto& dir = by_path[paths.at(of)];
      topic_in(dir.topics, &request_type::alter_replica_log_dir_topic::name, of.partition.topic)
          .partitions.push_back(of.partition.partition);
    }
    request_type request;
    for (auto& [path, dir] : by_path) {
      dir.path = path;
      request.dirs.push_back(std::move(dir));
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    const std::int32_t broker = told.asked().front().broker;
    for (const auto& topic : said.results) {
      for (const auto& each : topic.partitions) {
        told.tell(replica{{std::string(topic.topic_name), each.partition_index}, broker},
                  outcome_of(each));
      }
    }
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
