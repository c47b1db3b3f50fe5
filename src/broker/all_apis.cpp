#include "broker/api_adaptor.h"
#include "broker/api_table.h"
#include "broker/handlers/alter_client_quotas.h"
#include "broker/handlers/alter_configs.h"
#include "broker/handlers/alter_partition_reassignments.h"
#include "broker/handlers/alter_replica_log_dirs.h"
#include "broker/handlers/alter_user_scram_credentials.h"
#include "broker/handlers/api_versions.h"
#include "broker/handlers/create_partitions.h"
#include "broker/handlers/create_topics.h"
#include "broker/handlers/delete_groups.h"
#include "broker/handlers/delete_records.h"
#include "broker/handlers/delete_topics.h"
#include "broker/handlers/describe_client_quotas.h"
#include "broker/handlers/describe_cluster.h"
#include "broker/handlers/describe_configs.h"
#include "broker/handlers/describe_groups.h"
#include "broker/handlers/describe_log_dirs.h"
#include "broker/handlers/describe_producers.h"
#include "broker/handlers/describe_topic_partitions.h"
#include "broker/handlers/describe_user_scram_credentials.h"
#include "broker/handlers/elect_leaders.h"
#include "broker/handlers/fetch.h"
#include "broker/handlers/find_coordinator.h"
#include "broker/handlers/heartbeat.h"
#include "broker/handlers/incremental_alter_configs.h"
#include "broker/handlers/init_producer_id.h"
#include "broker/handlers/join_group.h"
#include "broker/handlers/leave_group.h"
#include "broker/handlers/list_config_resources.h"
#include "broker/handlers/list_groups.h"
#include "broker/handlers/list_offsets.h"
#include "broker/handlers/list_partition_reassignments.h"
#include "broker/handlers/metadata.h"
#include "broker/handlers/offset_commit.h"
#include "broker/handlers/offset_delete.h"
#include "broker/handlers/offset_fetch.h"
#include "broker/handlers/offset_for_leader_epoch.h"
#include "broker/handlers/produce.h"
#include "broker/handlers/sync_group.h"
#include "broker/services.h"

namespace barnabas::broker {
namespace {

using protocol::api_key;

runtime::task<started_request> api_versions(services& s, request r) {
  return one_phase<protocol::api_versions_request>(
      std::move(r), [&s](const request& r, const protocol::api_versions_request& message) {
        return handlers::api_versions(*s.apis, r, message);
      });
}

runtime::task<started_request> produce(services& s, request r) {
  return two_phase<protocol::produce_request>(
      std::move(r), [&s](request r, protocol::produce_request message) {
        return handlers::produce(s.produce(), std::move(r), std::move(message));
      });
}

runtime::task<started_request> fetch(services& s, request r) {
  return two_phase<protocol::fetch_request>(
      std::move(r), [&s](request r, protocol::fetch_request message) {
        return handlers::fetch(s.fetch(), std::move(r), std::move(message));
      });
}

runtime::task<started_request> list_offsets(services& s, request r) {
  return one_phase<protocol::list_offsets_request>(
      std::move(r), [&s](const request& r, protocol::list_offsets_request& message) {
        return handlers::list_offsets(s.partitions(), r, std::move(message));
      });
}

runtime::task<started_request> delete_records(services& s, request r) {
  return one_phase<protocol::delete_records_request>(
      std::move(r), [&s](const request&, protocol::delete_records_request& message) {
        return handlers::delete_records(s.partitions(), std::move(message));
      });
}

runtime::task<started_request> init_producer_id(services& s, request r) {
  return one_phase<protocol::init_producer_id_request>(
      std::move(r), [&s](const request&, protocol::init_producer_id_request& message) {
        return handlers::init_producer_id(s.host->producers(), std::move(message));
      });
}

runtime::task<started_request> offset_for_leader_epoch(services& s, request r) {
  return one_phase<protocol::offset_for_leader_epoch_request>(
      std::move(r), [&s](const request&, protocol::offset_for_leader_epoch_request& message) {
        return handlers::offset_for_leader_epoch(s.partitions(), std::move(message));
      });
}

runtime::task<started_request> metadata(services& s, request r) {
  return one_phase<protocol::metadata_request>(
      std::move(r), [&s](const request& r, protocol::metadata_request& message) {
        return handlers::metadata(s.metadata(), r, std::move(message));
      });
}

runtime::task<started_request> find_coordinator(services& s, request r) {
  return one_phase<protocol::find_coordinator_request>(
      std::move(r), [&s](const request& r, protocol::find_coordinator_request& message) {
        return handlers::find_coordinator(s.metadata(), r, std::move(message));
      });
}

runtime::task<started_request> create_topics(services& s, request r) {
  return one_phase<protocol::create_topics_request>(
      std::move(r), [&s](const request& r, protocol::create_topics_request& message) {
        return handlers::create_topics(s.metadata(), r, std::move(message));
      });
}

runtime::task<started_request> delete_topics(services& s, request r) {
  return one_phase<protocol::delete_topics_request>(
      std::move(r), [&s](const request& r, protocol::delete_topics_request& message) {
        return handlers::delete_topics_and_offsets(s.metadata(), s.groups(), r, std::move(message));
      });
}

runtime::task<started_request> create_partitions(services& s, request r) {
  return one_phase<protocol::create_partitions_request>(
      std::move(r), [&s](const request& r, protocol::create_partitions_request& message) {
        return handlers::create_partitions(s.metadata(), r, std::move(message));
      });
}

runtime::task<started_request> describe_cluster(services& s, request r) {
  return one_phase<protocol::describe_cluster_request>(
      std::move(r), [&s](const request& r, const protocol::describe_cluster_request& message) {
        return handlers::describe_cluster(s.metadata(), r, message);
      });
}

runtime::task<started_request> describe_configs(services& s, request r) {
  return one_phase<protocol::describe_configs_request>(
      std::move(r), [&s](const request& r, protocol::describe_configs_request& message) {
        return handlers::describe_configs(s.metadata(), r.version, std::move(message));
      });
}

runtime::task<started_request> alter_configs(services& s, request r) {
  return one_phase<protocol::alter_configs_request>(
      std::move(r), [&s](const request&, protocol::alter_configs_request& message) {
        return handlers::alter_configs(s.metadata(), std::move(message));
      });
}

runtime::task<started_request> incremental_alter_configs(services& s, request r) {
  return one_phase<protocol::incremental_alter_configs_request>(
      std::move(r), [&s](const request&, protocol::incremental_alter_configs_request& message) {
        return handlers::incremental_alter_configs(s.metadata(), std::move(message));
      });
}

runtime::task<started_request> describe_topic_partitions(services& s, request r) {
  return one_phase<protocol::describe_topic_partitions_request>(
      std::move(r),
      [&s](const request& r, const protocol::describe_topic_partitions_request& message) {
        return handlers::describe_topic_partitions(s.metadata(), r, message);
      });
}

runtime::task<started_request> describe_client_quotas(services& s, request r) {
  return one_phase<protocol::describe_client_quotas_request>(
      std::move(r), [&s](const request&, const protocol::describe_client_quotas_request& message) {
        return handlers::describe_client_quotas(s.metadata(), message);
      });
}

runtime::task<started_request> alter_client_quotas(services& s, request r) {
  return one_phase<protocol::alter_client_quotas_request>(
      std::move(r), [&s](const request&, protocol::alter_client_quotas_request& message) {
        return handlers::alter_client_quotas(s.metadata(), std::move(message));
      });
}

runtime::task<started_request> describe_user_scram_credentials(services& s, request r) {
  return one_phase<protocol::describe_user_scram_credentials_request>(
      std::move(r),
      [&s](const request&, protocol::describe_user_scram_credentials_request& message) {
        return handlers::describe_user_scram_credentials(s.metadata(), std::move(message));
      });
}

runtime::task<started_request> alter_user_scram_credentials(services& s, request r) {
  return one_phase<protocol::alter_user_scram_credentials_request>(
      std::move(r), [&s](const request&, protocol::alter_user_scram_credentials_request& message) {
        return handlers::alter_user_scram_credentials(s.metadata(), std::move(message));
      });
}

runtime::task<started_request> describe_log_dirs(services& s, request r) {
  return one_phase<protocol::describe_log_dirs_request>(
      std::move(r), [&s](const request&, protocol::describe_log_dirs_request& message) {
        return handlers::describe_log_dirs(s.log_dirs(), std::move(message));
      });
}

runtime::task<started_request> alter_replica_log_dirs(services& s, request r) {
  return one_phase<protocol::alter_replica_log_dirs_request>(
      std::move(r), [&s](const request&, protocol::alter_replica_log_dirs_request& message) {
        return handlers::alter_replica_log_dirs(s.log_dirs(), s.partitions(), std::move(message));
      });
}

runtime::task<started_request> alter_partition_reassignments(services& s, request r) {
  return one_phase<protocol::alter_partition_reassignments_request>(
      std::move(r),
      [&s](const request&, const protocol::alter_partition_reassignments_request& message) {
        return handlers::alter_partition_reassignments(s.metadata(), message);
      });
}

runtime::task<started_request> elect_leaders(services& s, request r) {
  return one_phase<protocol::elect_leaders_request>(
      std::move(r), [&s](const request&, protocol::elect_leaders_request& message) {
        return handlers::elect_leaders(s.metadata(), std::move(message));
      });
}

runtime::task<started_request> describe_producers(services& s, request r) {
  return one_phase<protocol::describe_producers_request>(
      std::move(r), [&s](const request&, protocol::describe_producers_request& message) {
        return handlers::describe_producers(s.partitions(), std::move(message));
      });
}

runtime::task<started_request> list_partition_reassignments(services& s, request r) {
  return one_phase<protocol::list_partition_reassignments_request>(
      std::move(r),
      [&s](const request&, const protocol::list_partition_reassignments_request& message) {
        return handlers::list_partition_reassignments(s.metadata(), message);
      });
}

runtime::task<started_request> list_config_resources(services& s, request r) {
  return one_phase<protocol::list_config_resources_request>(
      std::move(r), [&s](const request& r, const protocol::list_config_resources_request& message) {
        return handlers::list_config_resources(s.metadata(), r.version, message);
      });
}

// The APIs of groups and committed offsets are all alike.
template <class Message, pending_reply (*handle)(handlers::group_services, request, Message)>
runtime::task<started_request> of_groups(services& s, request r) {
  return second_phase<Message>(std::move(r), [&s](request r, Message message) {
    return handle(s.groups(), std::move(r), std::move(message));
  });
}

}  // namespace

const api_table& all_apis() {
  static const api_table table({
      // librdkafka takes a lowest version above 2 for a broker that knows no compression.
      {api_key::produce, 3, 13, produce, 0},
      {api_key::fetch, 4, 18, fetch},
      {api_key::list_offsets, 1, 11, list_offsets},
      {api_key::metadata, 0, 13, metadata},
      {api_key::offset_commit, 2, 10,
       of_groups<protocol::offset_commit_request, handlers::offset_commit>},
      {api_key::offset_fetch, 1, 10,
       of_groups<protocol::offset_fetch_request, handlers::offset_fetch>},
      {api_key::find_coordinator, 0, 6, find_coordinator},
      {api_key::join_group, 0, 9, of_groups<protocol::join_group_request, handlers::join_group>},
      {api_key::heartbeat, 0, 4, of_groups<protocol::heartbeat_request, handlers::heartbeat>},
      {api_key::leave_group, 0, 5, of_groups<protocol::leave_group_request, handlers::leave_group>},
      {api_key::sync_group, 0, 5, of_groups<protocol::sync_group_request, handlers::sync_group>},
      {api_key::describe_groups, 0, 6,
       of_groups<protocol::describe_groups_request, handlers::describe_groups>},
      {api_key::list_groups, 0, 5, of_groups<protocol::list_groups_request, handlers::list_groups>},
      {api_key::api_versions, 0, 4, api_versions},
      {api_key::create_topics, 0, 7, create_topics},
      {api_key::delete_topics, 0, 6, delete_topics},
      {api_key::delete_records, 0, 2, delete_records},
      {api_key::init_producer_id, 0, 5, init_producer_id},  // 6 (KIP-939) may still change
      {api_key::offset_for_leader_epoch, 2, 4, offset_for_leader_epoch},
      {api_key::describe_configs, 0, 4, describe_configs},
      {api_key::alter_configs, 0, 2, alter_configs},
      {api_key::alter_replica_log_dirs, 0, 2, alter_replica_log_dirs},
      {api_key::describe_log_dirs, 0, 5, describe_log_dirs},
      {api_key::create_partitions, 0, 3, create_partitions},
      {api_key::delete_groups, 0, 2,
       of_groups<protocol::delete_groups_request, handlers::delete_groups>},
      {api_key::elect_leaders, 0, 2, elect_leaders},
      {api_key::incremental_alter_configs, 0, 1, incremental_alter_configs},
      {api_key::alter_partition_reassignments, 0, 1, alter_partition_reassignments},
      {api_key::list_partition_reassignments, 0, 0, list_partition_reassignments},
      {api_key::offset_delete, 0, 0,
       of_groups<protocol::offset_delete_request, handlers::offset_delete>},
      {api_key::describe_client_quotas, 0, 1, describe_client_quotas},
      {api_key::alter_client_quotas, 0, 1, alter_client_quotas},
      {api_key::describe_user_scram_credentials, 0, 0, describe_user_scram_credentials},
      {api_key::alter_user_scram_credentials, 0, 0, alter_user_scram_credentials},
      {api_key::describe_cluster, 0, 2, describe_cluster},
      {api_key::describe_producers, 0, 0, describe_producers},
      {api_key::list_config_resources, 0, 1, list_config_resources},
      {api_key::describe_topic_partitions, 0, 0, describe_topic_partitions},
  });
  return table;
}

}  // namespace barnabas::broker
