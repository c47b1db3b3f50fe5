// A cluster of scripted brokers, numbered from 1, in a simulated world, and an admin client in it.
// They answer about the cluster as the test has it at that moment, and everything else as it says.
#pragma once

#include "base/topic_partition.h"
#include "client/call_routing.h"
#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "rpc/tests/scripted_broker.h"

namespace barnabas::client {

using protocol::api_key;
using rpc::asked;
using rpc::reply;
using rpc::request_in;
using runtime::task;

template <class Message>
reply answered(const asked& question, const Message& message) {
  return {rpc::answer_frame(question, message)};
}

class admin_world {
 public:
  using script = std::function<reply(std::int32_t broker, const asked&)>;

  // `otherwise` answers what is not about the cluster.
  admin_world(int brokers, script otherwise) : otherwise_(std::move(otherwise)) {
    for (int id = 1; id <= brokers; ++id) {
      auto& machine = sim_.add_machine("broker" + std::to_string(id), 1);
      scripts_.push_back([this, id](const asked& question) { return answer(id, question); });
      machine.start([this, id](runtime::world& world) {
        return rpc::serve(world, scripts_[static_cast<std::size_t>(id - 1)], accepted_);
      });
    }
  }

  // Runs one call of the admin client. Its virtual time is in `took`.
  template <class Call>
  auto run(Call call) {
    using outcome_type = typename std::invoke_result_t<Call, cluster&>::value_type;
    std::optional<outcome_type> outcome;
    auto work = [&](runtime::world& world) { return carry(world, call, outcome); };
    client_.start(work);
    EXPECT_TRUE(sim_.run_until([&] { return !client_.is_running(); }, std::chrono::minutes(5)))
        << "it hangs";
    return std::move(*outcome);
  }

  // How often a broker was asked.
  int asked_of(std::int32_t broker, api_key key) const {
    const auto found = counts_.find({broker, key});
    return found == counts_.end() ? 0 : found->second;
  }

  std::int32_t controller = 1;
  std::map<topic_partition, std::int32_t> leaders;
  std::map<std::string, std::int32_t> coordinators;
  std::map<api_key, std::int16_t> newest;  // what brokers serve less of; -1: not at all
  runtime::duration call_timeout = std::chrono::seconds(60);
  runtime::duration attempt_timeout = std::chrono::seconds(30);
  runtime::duration took{};

 private:
  template <class Call, class Outcome>
  task<> carry(runtime::world& world, Call& call, Outcome& outcome) {
    cluster_configuration settings{.bootstrap = {{"broker1", 9092}},
                                   .first_retry_backoff = std::chrono::milliseconds(100),
                                   .most_retry_backoff = std::chrono::seconds(1),
                                   .request_timeout = call_timeout,
                                   .attempt_timeout = attempt_timeout,
                                   .refresh_interval = std::chrono::minutes(5)};
    cluster cluster(world, settings);
    cluster.start();
    const auto begun = runtime::shard::current().now();
    outcome.emplace(co_await call(cluster));
    took = runtime::shard::current().now() - begun;
    co_await cluster.stop();
  }

  reply answer(std::int32_t broker, const asked& question) {
    ++counts_[{broker, question.key}];
    switch (question.key) {
      case api_key::api_versions:
        return answered(question, versions());
      case api_key::metadata:
        return metadata(question);
      case api_key::find_coordinator:
        return coordinator(question);
      default:
        return otherwise_(broker, question);
    }
  }

  protocol::api_versions_response versions() const {
    protocol::api_versions_response all;
    for (const protocol::api& each : protocol::apis()) {
      const auto found = newest.find(each.key);
      const auto highest = found == newest.end() ? each.highest_version : found->second;
      if (highest >= 0) {
        all.api_keys.push_back({static_cast<std::int16_t>(each.key), each.lowest_version, highest});
      }
    }
    return all;
  }

  reply metadata(const asked& question) {
    protocol::metadata_response said;
    for (std::size_t id = 1; id <= scripts_.size(); ++id) {
      hosts_[id] = "broker" + std::to_string(id);
      said.brokers.push_back(
          {.node_id = static_cast<std::int32_t>(id), .host = hosts_[id], .port = 9092});
    }
    said.controller_id = controller;
    const auto request = request_in<protocol::metadata_request>(question);
    for (const auto& topic : *request.topics) {
      auto& described = said.topics.emplace_back();
      described.name = topic.name;
      for (const auto& [name, leader] : leaders) {
        if (name.topic == *topic.name) {
          described.partitions.push_back({.partition_index = name.partition, .leader_id = leader});
        }
      }
      if (described.partitions.empty()) {
        described.error_code = error_code::unknown_topic_or_partition;
      }
    }
    return answered(question, said);
  }

  reply coordinator(const asked& question) {
    const auto request = request_in<protocol::find_coordinator_request>(question);
    protocol::find_coordinator_response said;
    for (const std::string_view key : request.coordinator_keys) {
      said.coordinators.push_back({.key = key, .node_id = coordinators.at(std::string(key))});
    }
    if (request.coordinator_keys.empty()) {
      said.node_id = coordinators.at(std::string(request.key));
    }
    return answered(question, said);
  }

  script otherwise_;
  std::vector<rpc::script> scripts_;
  std::map<std::size_t, std::string> hosts_;
  std::map<std::pair<std::int32_t, api_key>, int> counts_;
  int accepted_ = 0;
  runtime::simulated::simulation sim_{1};
  runtime::simulated::machine& client_ = sim_.add_machine("client", 1);
};

// What run() takes: a function of the admin client's and its arguments.
template <class F, class... Arguments>
auto call(F function, Arguments... arguments) {
  return [=](cluster& cluster) { return function(cluster, arguments...); };
}

}  // namespace barnabas::client
