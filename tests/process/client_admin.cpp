// Every call of the admin client once against a broker of any make. It prints a line for each:
// "CALL ok", "CALL unsupported: WHY" (the broker does not serve it), "CALL refused: WHY" (it serves
// it, but not this), or "CALL failed: WHY". Topics and groups have names that begin with PREFIX.
//
//   client_admin HOST:PORT PREFIX
#include "client_admin.h"

#include <barnabas/producer.h>

using namespace barnabas::kafka;

namespace {

using names = std::vector<std::string>;

bool may(const std::optional<operation_list>& operations, acl_operation what) {
  return operations && std::ranges::find(*operations, what) != operations->end();
}

void check_topic_ids(admin& castle, checklist& list, const std::string& topic) {
  const std::string placed = topic + "-placed";
  std::string id;
  const auto described = castle.describe_topics({placed});
  if (described && described->at(placed)) {
    id = described->at(placed)->id;
  }
  list.check(
      "describe_topics_by_id", [&] { return castle.describe_topics_by_id({id}); },
      [&](const auto& all) { return all.at(id)->name == placed; });
  list.refused("describe_topics_by_id (an unknown one)",
               castle.describe_topics_by_id({"AAAAAAAAAAAAAAAAAAABBQ"}), {"UNKNOWN_TOPIC_ID"});
  list.check("delete_topics_by_id", castle.delete_topics_by_id({id}));
  list.refused("delete_topics_by_id (an unknown one)",
               castle.delete_topics_by_id({"AAAAAAAAAAAAAAAAAAABBQ"}), {"UNKNOWN_TOPIC_ID"});
}

void check_topics(admin& castle, checklist& list, const std::string& topic) {
  list.check(
      "create_topics (validate only)",
      [&] { return castle.create_topics({{.name = topic, .partitions = 2}}, true); },
      [&](const auto& made) { return made.at(topic)->partitions == 2; });
  list.check(
      "create_topics",
      [&] {
        return castle.create_topics(
            {{.name = topic, .partitions = 2, .configs = {{"retention.ms", "6000000000000"}}},
             {.name = topic + "-placed", .replicas = {{list.broker}}}});
      },
      [&](const auto& made) {
        return made.at(topic)->partitions == 2 && made.at(topic + "-placed")->partitions == 1;
      });
  list.refused("create_topics (a second time)", castle.create_topics({{.name = topic}}),
               {"TOPIC_ALREADY_EXISTS"});
  list.check(
      "list_topics", [&] { return castle.list_topics(); },
      [&](const auto& all) {
        return std::ranges::any_of(all, [&](const auto& each) { return each.name == topic; });
      });
  list.check("create_partitions", castle.create_partitions({{topic, {.count = 3}}}));
  list.check(
      "describe_topics", [&] { return castle.describe_topics({topic}); },
      [&](const auto& all) {
        const auto& described = *all.at(topic);
        return described.partitions.size() == 3 && described.id.size() == 22 &&
               described.partitions[2].leader == list.broker &&
               described.partitions[2].in_sync_replicas == replica_list{list.broker};
      });
  list.check(
      "describe_topics (with operations)", [&] { return castle.describe_topics({topic}, true); },
      [&](const auto& all) { return may(all.at(topic)->operations, acl_operation::write); });
  check_topic_ids(castle, list, topic);
  list.refused("describe_topics (an unknown one)", castle.describe_topics({topic + "-none"}),
               {"UNKNOWN_TOPIC_OR_PARTITION"});
}

void check_partitions(admin& castle, checklist& list, const std::string& topic) {
  producer writer({{"bootstrap.servers", list.address}});
  for (int i = 0; i < 10; ++i) {
    const auto sent = writer.send(
        {.topic = topic, .value = "letter", .partition = 0, .timestamp_ms = 1'700'000'000'000 + i});
    if (!sent) {
      return list.say("produce", "failed: " + sent.error().message);
    }
  }
  const topic_partition first{topic, 0};
  const auto offset_at = [&](const char* call, std::int64_t time, std::int64_t expected) {
    list.check(
        call, [&] { return castle.list_offsets({{first, time}}); },
        [&](const auto& found) { return found.at(first)->offset == expected; });
  };
  offset_at("list_offsets (latest)", offset_spec::latest, 10);
  offset_at("list_offsets (earliest)", offset_spec::earliest, 0);
  offset_at("list_offsets (by time)", 1'700'000'000'004, 4);
  offset_at("list_offsets (max_timestamp)", offset_spec::max_timestamp, 9);
  offset_at("list_offsets (earliest_local)", offset_spec::earliest_local, 0);
  offset_at("list_offsets (latest_tiered)", offset_spec::latest_tiered, -1);
  offset_at("list_offsets (earliest_pending_upload)", offset_spec::earliest_pending_upload, -1);
  list.check(
      "describe_producers", [&] { return castle.describe_producers({first}); },
      [&](const auto& found) {
        const auto& producers = *found.at(first);
        return producers.size() == 1 && producers[0].last_sequence == 9;
      });
  list.check(
      "describe_producers (at a broker)",
      [&] { return castle.describe_producers({first}, list.broker); },
      [&](const auto& found) { return found.at(first)->size() == 1; });
  list.check(
      "delete_records", [&] { return castle.delete_records({{first, 4}}); },
      [&](const auto& low) { return *low.at(first) == 4; });
  list.refused("delete_records (too many)", castle.delete_records({{first, 40}}),
               {"OFFSET_OUT_OF_RANGE"});
}

void check_replicas(admin& castle, checklist& list, const std::string& topic) {
  const topic_partition first{topic, 0};
  const replica ours{first, list.broker};
  list.refused("elect_leaders", castle.elect_leaders(election_type::preferred, {first}),
               {"ELECTION_NOT_NEEDED"});
  list.check("elect_leaders (all)", castle.elect_leaders(election_type::preferred, {}));
  list.check("alter_partition_reassignments",
             castle.alter_partition_reassignments({{first, replica_list{list.broker}}}));
  list.refused("alter_partition_reassignments (called off)",
               castle.alter_partition_reassignments({{first, std::nullopt}}),
               {"NO_REASSIGNMENT_IN_PROGRESS"});
  list.check(
      "list_partition_reassignments", [&] { return castle.list_partition_reassignments({}); },
      [](const auto& all) { return all.empty(); });
  std::string place;
  list.check(
      "describe_log_dirs", [&] { return castle.describe_log_dirs({}); },
      [&](const auto& brokers) {
        for (const auto& [path, described] : *brokers.at(list.broker)) {
          for (const auto& found : described->replicas) {
            place = found.partition == first && found.size_bytes > 0 ? path : place;
          }
        }
        return !place.empty();
      });
  list.check(
      "describe_replica_log_dirs", [&] { return castle.describe_replica_log_dirs({ours}); },
      [&](const auto& found) { return found.at(ours)->log_dir == place; });
  list.check("alter_replica_log_dirs", castle.alter_replica_log_dirs({{ours, place}}));
}

void check_configs(admin& castle, checklist& list, const std::string& topic) {
  using resource_type::broker;
  using resource_type::broker_logger;
  using resource_type::client_metrics;
  using resource_type::group;
  const std::string id = std::to_string(list.broker);
  const resource of_topic{resource_type::topic, topic};
  const resource of_broker{broker, id};
  const resource of_metrics{client_metrics, topic};
  list.check("alter_configs",
             castle.alter_configs({{of_topic,
                                    {{"retention.ms", "7000000000000"},
                                     {"cleanup.policy", "compact", config_operation::append}}}}));
  list.check(
      "describe_configs", [&] { return castle.describe_configs({of_topic, of_broker}); },
      [&](const auto& all) {
        const auto value = [&](const std::string& name) {
          for (const config_entry& entry : *all.at(of_topic)) {
            if (entry.name == name && entry.source == config_source::topic && !entry.is_default) {
              return entry.value.value_or("");
            }
          }
          return std::string();
        };
        return value("retention.ms") == "7000000000000" &&
               value("cleanup.policy") == "delete,compact" && !all.at(of_broker)->empty();
      });
  list.refused("alter_configs (a wrong one)",
               castle.alter_configs({{of_topic, {{"retention.ms", "never"}}}}), {"INVALID_CONFIG"});
  list.check(
      "describe_configs (broker_logger)",
      [&] { return castle.describe_configs({{broker_logger, id}}); },
      [&](const auto& all) { return !all.at({broker_logger, id})->empty(); });
  list.check("alter_configs (group)",
             castle.alter_configs({{{group, topic}, {{"consumer.session.timeout.ms", "50000"}}}}));
  const bool has_metrics =
      list.check("alter_configs (client_metrics)",
                 castle.alter_configs({{of_metrics, {{"interval.ms", "10000"}}}}));
  list.check(
      "list_config_resources (client_metrics)",
      [&] { return castle.list_config_resources({client_metrics}); },
      [&](const auto& all) {
        return (std::ranges::find(all, of_metrics) != all.end()) == has_metrics;
      });
  list.check(
      "list_config_resources", [&] { return castle.list_config_resources({}); },
      [&](const auto& all) { return std::ranges::find(all, of_topic) != all.end(); });
}

void check_groups(admin& castle, checklist& list, const std::string& topic) {
  const topic_partition first{topic, 0};
  const topic_partition second{topic, 1};
  const std::string group = topic + "-group";
  list.check("alter_group_offsets",
             castle.alter_group_offsets(
                 group, {{first, {.offset = 5, .metadata = "five"}}, {second, {.offset = 0}}}));
  list.check(
      "list_group_offsets", [&] { return castle.list_group_offsets({{group, {}}}); },
      [&](const auto& all) {
        const auto& found = *all.at(group)->at(first);
        return found.offset == 5 && found.metadata == "five";
      });
  list.check(
      "list_group_offsets (of one partition)",
      [&] { return castle.list_group_offsets({{group, {second}}}, true); },
      [&](const auto& all) { return all.at(group)->size() == 1; });
  list.check(
      "list_groups", [&] { return castle.list_groups(); },
      [&](const auto& brokers) {
        return std::ranges::any_of(*brokers.at(list.broker),
                                   [&](const auto& each) { return each.id == group; });
      });
  list.check(
      "list_groups (by state and type)",
      [&] { return castle.list_groups({{"Empty"}, {"Classic"}}); },
      [&](const auto& brokers) { return !brokers.at(list.broker)->empty(); });
  list.check(
      "describe_consumer_groups", [&] { return castle.describe_consumer_groups({group}); },
      [&](const auto& all) { return all.at(group)->state == "Empty"; });
  list.check(
      "describe_classic_groups", [&] { return castle.describe_classic_groups({group}); },
      [&](const auto& all) { return all.at(group)->type == "Classic"; });
  list.check(
      "describe_consumer_groups (with operations)",
      [&] { return castle.describe_consumer_groups({group}, true); },
      [&](const auto& all) { return may(all.at(group)->operations, acl_operation::read); });
  list.refused("remove_group_members",
               castle.remove_group_members(group, {{.id = "nobody"}}, "moving"),
               {"UNKNOWN_MEMBER_ID"});
  list.check("delete_group_offsets", castle.delete_group_offsets(group, {second}));
  list.check("delete_groups", castle.delete_groups({group}));
  list.refused("delete_groups (an unknown one)", castle.delete_groups({group}),
               {"GROUP_ID_NOT_FOUND"});
  list.refused("describe_share_groups", castle.describe_share_groups({group}),
               {"GROUP_ID_NOT_FOUND"});
  list.refused("describe_streams_groups", castle.describe_streams_groups({group}),
               {"GROUP_ID_NOT_FOUND"});
}

void check_share_groups(admin& castle, checklist& list, const std::string& topic) {
  const topic_partition first{topic, 0};
  const std::string group = topic + "-share";
  list.check("alter_share_group_offsets", castle.alter_share_group_offsets(group, {{first, 6}}));
  list.check(
      "list_share_group_offsets",
      [&] { return castle.list_share_group_offsets({{group, {first}}}); },
      [&](const auto& all) { return all.at(group)->at(first)->start_offset == 6; });
  list.check("delete_share_group_offsets", castle.delete_share_group_offsets(group, {topic}));
}

void check_quotas(admin& castle, checklist& list, const std::string& prefix) {
  const quota_entity entity{{"user", prefix}, {"client-id", std::nullopt}};
  list.check("alter_client_quotas",
             castle.alter_client_quotas({{entity, {{"producer_byte_rate", 1e6}}}}));
  list.check(
      "describe_client_quotas",
      [&] { return castle.describe_client_quotas({{{"user", quota_match::exact, prefix}}}); },
      [&](const auto& all) {
        return all == std::map<quota_entity, quota_values>{{entity, {{"producer_byte_rate", 1e6}}}};
      });
  list.check("alter_client_quotas (taken back)",
             castle.alter_client_quotas({{entity, {{"producer_byte_rate", std::nullopt}}}}));
}

void check_security(admin& castle, checklist& list, const std::string& prefix) {
  const acl_binding allowed{.name = prefix,
                            .pattern = acl_pattern::prefixed,
                            .principal = "User:" + prefix,
                            .operation = acl_operation::read};
  const acl_filter by_principal{.principal = allowed.principal};
  list.check("create_acls", castle.create_acls({allowed}));
  list.check(
      "describe_acls", [&] { return castle.describe_acls(by_principal); },
      [&](const auto& all) { return all == std::vector<acl_binding>{allowed}; });
  list.check(
      "delete_acls", [&] { return castle.delete_acls({by_principal}); },
      [&](const auto& all) { return all.at(by_principal)->contains(allowed); });
  list.check("alter_user_scram_credentials",
             castle.alter_user_scram_credentials(
                 {{prefix, {{scram_mechanism::sha_512, "secret", 8192}}}}));
  list.check(
      "describe_user_scram_credentials",
      [&] { return castle.describe_user_scram_credentials({prefix}); },
      [&](const auto& all) { return all.at(prefix)->at(0).iterations == 8192; });
  list.check("alter_user_scram_credentials (deleted)",
             castle.alter_user_scram_credentials({{prefix, {{scram_mechanism::sha_512}}}}));
  const auto token = castle.create_delegation_token({});
  list.refused("create_delegation_token", token, {"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"});
  list.refused("renew_delegation_token", castle.renew_delegation_token("none"),
               {"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"});
  list.refused("expire_delegation_token", castle.expire_delegation_token("none"),
               {"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"});
  list.refused("describe_delegation_tokens", castle.describe_delegation_tokens({}),
               {"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"});
}

void check_transactions(admin& castle, checklist& list, const std::string& topic) {
  const std::string id = topic + "-transaction";
  list.check(
      "fence_producers", [&] { return castle.fence_producers({id}); },
      [&](const auto& all) { return all.at(id)->producer_id >= 0; });
  list.check(
      "describe_transactions", [&] { return castle.describe_transactions({id}); },
      [&](const auto& all) { return all.at(id)->state == "Empty"; });
  list.check(
      "list_transactions", [&] { return castle.list_transactions({{"Empty"}}); },
      [&](const auto& brokers) {
        return std::ranges::any_of(*brokers.at(list.broker),
                                   [&](const auto& each) { return each.transactional_id == id; });
      });
  list.check("abort_transaction", castle.abort_transaction({{topic, 1}, 4711, 0, 0}));
}

void check_cluster(admin& castle, checklist& list) {
  list.check(
      "describe_cluster (with operations)", [&] { return castle.describe_cluster(true); },
      [](const auto& all) { return may(all.operations, acl_operation::cluster_action); });
  list.check("describe_features", castle.describe_features());
  list.refused("update_features", castle.update_features({{"no.such.feature", {1}}}, true),
               {"INVALID_UPDATE_VERSION", "INVALID_REQUEST"});
  list.check(
      "describe_metadata_quorum", [&] { return castle.describe_metadata_quorum(); },
      [&](const auto& quorum) { return !quorum.voters.empty() && quorum.leader >= 0; });
  const raft_voter voter{.id = 77, .directory_id = "AAAAAAAAAAAAAAAAAAAAAQ"};
  list.refused("add_raft_voter", castle.add_raft_voter(voter, {{"CONTROLLER", "127.0.0.1", 1}}),
               {"UNSUPPORTED_VERSION"});
  list.refused("remove_raft_voter", castle.remove_raft_voter(voter), {"UNSUPPORTED_VERSION"});
  list.refused("unregister_broker", castle.unregister_broker(4711), {"BROKER_ID_NOT_REGISTERED"});
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    return 2;
  }
  const std::string prefix = arguments[2];
  admin castle({{"bootstrap.servers", arguments[1]}, {"default.api.timeout.ms", "15000"}});
  checklist list{.address = arguments[1]};
  const auto cluster = castle.describe_cluster();
  list.check(
      "describe_cluster", [&] { return cluster; },
      [](const auto& all) { return all.brokers.size() == 1; });
  if (!cluster) {
    return 1;
  }
  list.broker = cluster->brokers.at(0).id;
  check_topics(castle, list, prefix);
  check_partitions(castle, list, prefix);
  check_replicas(castle, list, prefix);
  check_configs(castle, list, prefix);
  check_groups(castle, list, prefix);
  check_share_groups(castle, list, prefix);
  check_quotas(castle, list, prefix);
  check_security(castle, list, prefix);
  check_transactions(castle, list, prefix);
  check_cluster(castle, list);
  list.check("delete_topics", castle.delete_topics({prefix}));
  return 0;
}
