#include "client/admin/topics.h"

#include <fmt/format.h>

#include "client/admin/config_entries.h"
#include "client/admin/operations.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"

namespace barnabas::client {
namespace {

using kafka::each;
using topic_names = std::vector<std::string>;
using descriptions = each<std::string, kafka::topic_description>;
// The last version in which topics are deleted by their names only.
constexpr std::int16_t newest_delete_topics = 5;
constexpr std::int16_t newest_metadata = 12;
// The first versions of Metadata with authorized operations, and with ids that are asked for.
constexpr std::int16_t first_metadata_with_operations = 8;
constexpr std::int16_t first_metadata_by_id = 12;

kafka::topic_description description_of(const protocol::metadata_response::topic& topic) {
  kafka::topic_description described{
      .name = std::string(topic.name.value_or("")),
      .is_internal = topic.is_internal,
      .id = topic.topic_id.to_string(),
      .operations = operations_of(topic.topic_authorized_operations)};
  for (const auto& partition : topic.partitions) {
    described.partitions.push_back({partition.partition_index, partition.leader_id,
                                    partition.replica_nodes, partition.isr_nodes,
                                    partition.offline_replicas, partition.leader_epoch});
  }
  return described;
}

descriptions descriptions_in(const protocol::metadata_response& said) {
  descriptions all;
  for (const auto& topic : said.topics) {
    all.emplace(topic.name.value_or(""), outcome_of(topic, [&] { return description_of(topic); }));
  }
  return all;
}

protocol::metadata_request metadata_of(bool with_operations) {
  protocol::metadata_request request;
  request.allow_auto_topic_creation = false;
  request.include_topic_authorized_operations = with_operations;
  return request;
}

// About the topics that there are.
template <class T>
answer_to<T> ask_for_all(cluster& cluster, bool with_operations,
                         T (*read)(const protocol::metadata_response&)) {
  auto call =
      call_of_one<protocol::metadata_request, protocol::metadata_response, T>(to_any_broker);
  call.lowest = with_operations ? first_metadata_with_operations : 0;
  call.highest = newest_metadata;
  call.request = [with_operations](const auto&, const request_terms&) {
    auto request = metadata_of(with_operations);
    request.topics.reset();
    return request;
  };
  call.read = [read](const auto& said, auto& told) { told.tell_only(read(said)); };
  return ask_one(cluster, std::move(call));
}

kafka::result<> check_ids(const topic_names& ids) {
  for (const std::string& id : ids) {
    const auto parsed = uuid::parse(id);
    if (!parsed || parsed->to_string() != id) {
      return public_error(
          error{error_code::invalid_request, fmt::format("\"{}\" is no id of a topic", id)});
    }
  }
  return {};
}

protocol::create_topics_request creation_of(const std::vector<const kafka::new_topic*>& topics,
                                            const request_terms& terms, bool validates_only) {
  protocol::create_topics_request request;
  request.timeout_ms = terms.timeout_ms;
  request.validate_only = validates_only;
  for (const kafka::new_topic* const topic : topics) {
    auto& asked = request.topics.emplace_back();
    asked.name = topic->name;
    asked.num_partitions = topic->partitions;
    asked.replication_factor = topic->replication_factor;
    for (const kafka::replica_list& replicas : topic->replicas) {
      const auto partition = static_cast<std::int32_t>(asked.assignments.size());
      asked.assignments.push_back({partition, replicas});
    }
    for (const auto& [name, value] : topic->configs) {
      asked.configs.push_back({name, value});
    }
  }
  return request;
}

kafka::created_topic made_of(const protocol::create_topics_response::creatable_topic_result& said) {
  kafka::created_topic made{.id = said.topic_id.to_string(),
                            .partitions = said.num_partitions,
                            .replication_factor = said.replication_factor};
  if (said.configs) {
    for (const auto& entry : *said.configs) {
      made.configs.push_back(entry_of(entry));
    }
  }
  return made;
}

}  // namespace

answer_to<std::vector<kafka::topic_listing>> list_topics(cluster& cluster) {
  using listings = std::vector<kafka::topic_listing>;
  return ask_for_all<listings>(cluster, false, [](const protocol::metadata_response& said) {
    listings all;
    for (const auto& topic : said.topics) {
      all.push_back(
          {std::string(topic.name.value_or("")), topic.topic_id.to_string(), topic.is_internal});
    }
    return all;
  });
}

answer_to<descriptions> describe_topics(cluster& cluster, const topic_names& names,
                                        bool with_operations) {
  if (names.empty()) {
    return ask_for_all<descriptions>(cluster, with_operations, descriptions_in);
  }
  call_about<protocol::metadata_request, protocol::metadata_response, std::string,
             kafka::topic_description>
      call{.keys = names, .route = to_any_broker, .highest = newest_metadata};
  call.lowest = with_operations ? first_metadata_with_operations : 0;
  call.request = [with_operations](const topic_names& some, const request_terms&) {
    auto request = metadata_of(with_operations);
    for (const std::string& name : some) {
      request.topics->push_back({.name = name});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) { told.tell_all(descriptions_in(said)); };
  return ask_each(cluster, std::move(call));
}

answer_to<descriptions> describe_topics_by_id(cluster& cluster, const topic_names& ids,
                                              bool with_operations) {
  if (auto checked = check_ids(ids); !checked) {
    co_return checked.error();
  }
  call_about<protocol::metadata_request, protocol::metadata_response, std::string,
             kafka::topic_description>
      call{.keys = ids,
           .route = to_any_broker,
           .lowest = first_metadata_by_id,
           .highest = newest_metadata};
  call.request = [with_operations](const topic_names& some, const request_terms&) {
    auto request = metadata_of(with_operations);
    for (const std::string& id : some) {
      request.topics->push_back({uuid::parse(id).value_or(uuid()), std::nullopt});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.topics) {
      told.tell(topic.topic_id.to_string(),
                outcome_of(topic, [&] { return description_of(topic); }));
    }
  };
  co_return co_await ask_each(cluster, std::move(call));
}

answer_to<each<std::string, kafka::created_topic>> create_topics(
    cluster& cluster, const std::vector<kafka::new_topic>& topics, bool validates_only) {
  call_about<protocol::create_topics_request, protocol::create_topics_response, std::string,
             kafka::created_topic>
      call{.route = to_controller};
  std::map<std::string, const kafka::new_topic*> by_name;
  for (const kafka::new_topic& topic : topics) {
    call.keys.push_back(topic.name);
    by_name[topic.name] = &topic;
  }
  call.request = [by_name, validates_only](const topic_names& some, const request_terms& terms) {
    std::vector<const kafka::new_topic*> wanted;
    for (const std::string& name : some) {
      wanted.push_back(by_name.at(name));
    }
    return creation_of(wanted, terms, validates_only);
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.topics) {
      told.tell(topic.name, outcome_of(topic, [&] { return made_of(topic); }));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<std::string>> delete_topics(cluster& cluster, const topic_names& names) {
  call_about<protocol::delete_topics_request, protocol::delete_topics_response, std::string> call{
      .keys = names, .route = to_controller, .highest = newest_delete_topics};
  call.request = [](const topic_names& some, const request_terms& terms) {
    protocol::delete_topics_request request;
    request.timeout_ms = terms.timeout_ms;
    request.topic_names.assign(some.begin(), some.end());
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.responses) {
      told.tell(topic.name.value_or(""), outcome_of(topic));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<std::string>> delete_topics_by_id(cluster& cluster, const topic_names& ids) {
  if (auto checked = check_ids(ids); !checked) {
    co_return checked.error();
  }
  call_about<protocol::delete_topics_request, protocol::delete_topics_response, std::string> call{
      .keys = ids, .route = to_controller, .lowest = newest_delete_topics + 1};
  call.request = [](const topic_names& some, const request_terms& terms) {
    protocol::delete_topics_request request;
    request.timeout_ms = terms.timeout_ms;
    for (const std::string& id : some) {
      request.topics.push_back({std::nullopt, uuid::parse(id).value_or(uuid())});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.responses) {
      told.tell(topic.topic_id.to_string(), outcome_of(topic));
    }
  };
  co_return co_await ask_each(cluster, std::move(call));
}

answer_to<each<std::string>> create_partitions(
    cluster& cluster, const std::map<std::string, kafka::new_partitions>& topics,
    bool validates_only) {
  call_about<protocol::create_partitions_request, protocol::create_partitions_response, std::string>
      call{.keys = keys_of(topics), .route = to_controller};
  call.request = [&topics, validates_only](const topic_names& some, const request_terms& terms) {
    protocol::create_partitions_request request;
    request.timeout_ms = terms.timeout_ms;
    request.validate_only = validates_only;
    for (const std::string& name : some) {
      const kafka::new_partitions& wanted = topics.at(name);
      auto& asked = request.topics.emplace_back();
      asked.name = name;
      asked.count = wanted.count;
      asked.assignments.reset();
      for (const kafka::replica_list& replicas : wanted.replicas) {
        if (!asked.assignments) {
          asked.assignments.emplace();
        }
        asked.assignments->push_back({replicas});
      }
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& topic : said.results) {
      told.tell(topic.name, outcome_of(topic));
    }
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
