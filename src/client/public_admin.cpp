#include <barnabas/admin.h>
#include "client/admin/acls.h"
#include "client/admin/cluster_calls.h"
#include "client/admin/configs.h"
#include "client/admin/group_offsets.h"
#include "client/admin/groups.h"
#include "client/admin/log_dirs.h"
#include "client/admin/partitions.h"
#include "client/admin/quotas.h"
#include "client/admin/replicas.h"
#include "client/admin/share_groups.h"
#include "client/admin/streams_groups.h"
#include "client/admin/tokens.h"
#include "client/admin/topics.h"
#include "client/admin/transactions.h"
#include "client/admin/users.h"
#include "client/configuration.h"
#include "client/hosted.h"
#include "client/public_error.h"
#include "client/usable_files.h"

namespace barnabas::kafka {
namespace {

struct admin_core {
  admin_core(runtime::world& world, const client::cluster_configuration& settings)
      : cluster(world, settings) {}
  void start() { cluster.start(); }
  runtime::task<> stop() { return cluster.stop(); }

  client::cluster cluster;
};

}  // namespace

struct [[gnu::visibility("hidden")]] admin::implementation {
  explicit implementation(const client::cluster_configuration& settings) : core(settings) {}

  template <class Call, class... Arguments>
  auto ask(Call call, const Arguments&... arguments) {
    return runtime::wait_for(core.home(), [&] { return call(core->cluster, arguments...); });
  }

  client::hosted<admin_core> core;
};

result<admin> admin::open(const settings& settings) {
  const auto checked = client::with_usable_files(client::make_admin_configuration(settings));
  if (!checked) {
    return client::public_error(checked.error());
  }
  return admin(std::make_unique<implementation>(*checked));
}

admin::admin(std::unique_ptr<implementation> it) : it_(std::move(it)) {}
admin::admin(admin&&) noexcept = default;
admin& admin::operator=(admin&&) noexcept = default;
admin::~admin() = default;

result<std::vector<topic_listing>> admin::list_topics() {
  return it_->ask(client::list_topics);
}
result<each<std::string, topic_description>> admin::describe_topics(
    const std::vector<std::string>& names, bool with_operations) {
  return it_->ask(client::describe_topics, names, with_operations);
}
result<each<std::string, topic_description>> admin::describe_topics_by_id(
    const std::vector<std::string>& ids, bool with_operations) {
  return it_->ask(client::describe_topics_by_id, ids, with_operations);
}
result<each<std::string, created_topic>> admin::create_topics(const std::vector<new_topic>& topics,
                                                              bool validates_only) {
  return it_->ask(client::create_topics, topics, validates_only);
}
result<each<std::string>> admin::delete_topics(const std::vector<std::string>& names) {
  return it_->ask(client::delete_topics, names);
}
result<each<std::string>> admin::delete_topics_by_id(const std::vector<std::string>& ids) {
  return it_->ask(client::delete_topics_by_id, ids);
}
result<each<std::string>> admin::create_partitions(
    const std::map<std::string, new_partitions>& topics, bool validates_only) {
  return it_->ask(client::create_partitions, topics, validates_only);
}
result<each<topic_partition, std::int64_t>> admin::delete_records(
    const std::map<topic_partition, std::int64_t>& before) {
  return it_->ask(client::delete_records, before);
}
result<each<topic_partition, listed_offset>> admin::list_offsets(
    const std::map<topic_partition, std::int64_t>& times, isolation_level isolation) {
  return it_->ask(client::list_offsets, times, isolation);
}
result<each<topic_partition, std::vector<producer_state>>> admin::describe_producers(
    const std::vector<topic_partition>& partitions, std::optional<std::int32_t> broker) {
  return it_->ask(client::describe_producers, partitions, broker);
}
result<each<topic_partition>> admin::elect_leaders(election_type type,
                                                   const std::vector<topic_partition>& partitions) {
  return it_->ask(client::elect_leaders, type, partitions);
}
result<each<topic_partition>> admin::alter_partition_reassignments(
    const std::map<topic_partition, std::optional<replica_list>>& replicas) {
  return it_->ask(client::alter_partition_reassignments, replicas);
}
result<std::map<topic_partition, reassignment>> admin::list_partition_reassignments(
    const std::vector<topic_partition>& partitions) {
  return it_->ask(client::list_partition_reassignments, partitions);
}
result<each<std::int32_t, each<std::string, log_dir_description>>> admin::describe_log_dirs(
    const std::vector<std::int32_t>& brokers) {
  return it_->ask(client::describe_log_dirs, brokers);
}
result<each<replica, replica_place>> admin::describe_replica_log_dirs(
    const std::vector<replica>& replicas) {
  return it_->ask(client::describe_replica_log_dirs, replicas);
}
result<each<replica>> admin::alter_replica_log_dirs(const std::map<replica, std::string>& paths) {
  return it_->ask(client::alter_replica_log_dirs, paths);
}
result<each<std::int32_t, std::vector<group_listing>>> admin::list_groups(
    const group_filter& filter) {
  return it_->ask(client::list_groups, filter);
}
result<each<std::string, group_description>> admin::describe_consumer_groups(
    const std::vector<std::string>& groups, bool with_operations) {
  return it_->ask(client::describe_consumer_groups, groups, with_operations);
}
result<each<std::string, group_description>> admin::describe_classic_groups(
    const std::vector<std::string>& groups, bool with_operations) {
  return it_->ask(client::describe_classic_groups, groups, with_operations);
}
result<each<std::string, group_description>> admin::describe_share_groups(
    const std::vector<std::string>& groups, bool with_operations) {
  return it_->ask(client::describe_share_groups, groups, with_operations);
}
result<each<std::string, streams_group_description>> admin::describe_streams_groups(
    const std::vector<std::string>& groups, bool with_operations) {
  return it_->ask(client::describe_streams_groups, groups, with_operations);
}
result<each<std::string>> admin::delete_groups(const std::vector<std::string>& groups) {
  return it_->ask(client::delete_groups, groups);
}
result<each<member_name>> admin::remove_group_members(const std::string& group,
                                                      const std::vector<member_name>& members,
                                                      const std::string& reason) {
  return it_->ask(client::remove_group_members, group, members, reason);
}
result<each<std::string, committed_offsets>> admin::list_group_offsets(
    const partitions_by_group& groups, bool only_stable) {
  return it_->ask(client::list_group_offsets, groups, only_stable);
}
result<each<topic_partition>> admin::alter_group_offsets(
    const std::string& group, const std::map<topic_partition, committed_offset>& offsets) {
  return it_->ask(client::alter_group_offsets, group, offsets);
}
result<each<topic_partition>> admin::delete_group_offsets(
    const std::string& group, const std::vector<topic_partition>& partitions) {
  return it_->ask(client::delete_group_offsets, group, partitions);
}
result<each<std::string, share_offsets>> admin::list_share_group_offsets(
    const partitions_by_group& groups) {
  return it_->ask(client::list_share_group_offsets, groups);
}
result<each<topic_partition>> admin::alter_share_group_offsets(
    const std::string& group, const std::map<topic_partition, std::int64_t>& starts) {
  return it_->ask(client::alter_share_group_offsets, group, starts);
}
result<each<std::string>> admin::delete_share_group_offsets(
    const std::string& group, const std::vector<std::string>& topics) {
  return it_->ask(client::delete_share_group_offsets, group, topics);
}
result<each<std::int32_t, std::vector<transaction_listing>>> admin::list_transactions(
    const transaction_filter& filter) {
  return it_->ask(client::list_transactions, filter);
}
result<each<std::string, transaction_description>> admin::describe_transactions(
    const std::vector<std::string>& transactional_ids) {
  return it_->ask(client::describe_transactions, transactional_ids);
}
result<> admin::abort_transaction(const open_transaction& transaction) {
  return it_->ask(client::abort_transaction, transaction);
}
result<each<std::string, fenced_producer>> admin::fence_producers(
    const std::vector<std::string>& transactional_ids) {
  return it_->ask(client::fence_producers, transactional_ids);
}
result<each<resource, std::vector<config_entry>>> admin::describe_configs(
    const std::vector<resource>& resources) {
  return it_->ask(client::describe_configs, resources);
}
result<each<resource>> admin::alter_configs(
    const std::map<resource, std::vector<config_change>>& changes, bool validates_only) {
  return it_->ask(client::alter_configs, changes, validates_only);
}
result<std::vector<resource>> admin::list_config_resources(
    const std::vector<resource_type>& types) {
  return it_->ask(client::list_config_resources, types);
}
result<std::map<quota_entity, quota_values>> admin::describe_client_quotas(
    const quota_filter& filter) {
  return it_->ask(client::describe_client_quotas, filter);
}
result<each<quota_entity>> admin::alter_client_quotas(
    const std::map<quota_entity, quota_changes>& changes, bool validates_only) {
  return it_->ask(client::alter_client_quotas, changes, validates_only);
}
result<std::vector<acl_binding>> admin::describe_acls(const acl_filter& filter) {
  return it_->ask(client::describe_acls, filter);
}
result<each<acl_binding>> admin::create_acls(const std::vector<acl_binding>& bindings) {
  return it_->ask(client::create_acls, bindings);
}
result<each<acl_filter, each<acl_binding>>> admin::delete_acls(
    const std::vector<acl_filter>& filters) {
  return it_->ask(client::delete_acls, filters);
}
result<each<std::string, std::vector<scram_credential_info>>>
admin::describe_user_scram_credentials(const std::vector<std::string>& users) {
  return it_->ask(client::describe_user_scram_credentials, users);
}
result<each<std::string>> admin::alter_user_scram_credentials(
    const std::map<std::string, std::vector<scram_change>>& changes) {
  return it_->ask(client::alter_user_scram_credentials, changes);
}
result<delegation_token> admin::create_delegation_token(const new_delegation_token& wanted) {
  return it_->ask(client::create_delegation_token, wanted);
}
result<std::int64_t> admin::renew_delegation_token(const std::string& hmac,
                                                   std::int64_t period_ms) {
  return it_->ask(client::renew_delegation_token, hmac, period_ms);
}
result<std::int64_t> admin::expire_delegation_token(const std::string& hmac,
                                                    std::int64_t period_ms) {
  return it_->ask(client::expire_delegation_token, hmac, period_ms);
}
result<std::vector<delegation_token>> admin::describe_delegation_tokens(
    const std::vector<principal_name>& owners) {
  return it_->ask(client::describe_delegation_tokens, owners);
}
result<cluster_description> admin::describe_cluster(bool with_operations) {
  return it_->ask(client::describe_cluster, with_operations);
}
result<feature_description> admin::describe_features() {
  return it_->ask(client::describe_features);
}
result<each<std::string>> admin::update_features(
    const std::map<std::string, feature_update>& updates, bool validates_only) {
  return it_->ask(client::update_features, updates, validates_only);
}
result<quorum_description> admin::describe_metadata_quorum() {
  return it_->ask(client::describe_metadata_quorum);
}
result<> admin::add_raft_voter(const raft_voter& voter,
                               const std::vector<raft_listener>& listeners) {
  return it_->ask(client::add_raft_voter, voter, listeners);
}
result<> admin::remove_raft_voter(const raft_voter& voter) {
  return it_->ask(client::remove_raft_voter, voter);
}
result<> admin::unregister_broker(std::int32_t broker) {
  return it_->ask(client::unregister_broker, broker);
}

}  // namespace barnabas::kafka
