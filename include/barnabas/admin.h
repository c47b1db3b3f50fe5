// Looks after a cluster. Each call takes many of a kind, goes to the brokers that serve it (any,
// the controller, leaders, coordinators), is repeated while they say that they may be asked again,
// and says for each what became of it; the result as a whole is an error when no broker could be
// asked, or none serves the call (35, UNSUPPORTED_VERSION, names what the broker lacks). A call
// ends within `socket.timeout.ms`. Any thread may call it. Where `with_operations` is asked, each
// description has what this client may do to the thing (KIP-430).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/admin/cluster.h"
#include "barnabas/admin/configs.h"
#include "barnabas/admin/each.h"
#include "barnabas/admin/groups.h"
#include "barnabas/admin/quotas.h"
#include "barnabas/admin/security.h"
#include "barnabas/admin/streams.h"
#include "barnabas/admin/topics.h"
#include "barnabas/admin/transactions.h"
#include "barnabas/export.h"
#include "barnabas/result.h"
#include "barnabas/settings.h"

namespace barnabas::kafka {

class BARNABAS_API admin {
 public:
  static result<admin> open(const settings& settings);
  // Throws std::invalid_argument with the error's message.
  explicit admin(const settings& settings) : admin(open(settings).value_or_throw()) {}
  admin(admin&&) noexcept;
  admin& operator=(admin&&) noexcept;
  ~admin();

  // Topics, by name or id. Of those that validate only, the cluster says what would become of it.
  result<std::vector<topic_listing>> list_topics();
  // Of all topics when `names` is empty.
  result<each<std::string, topic_description>> describe_topics(
      const std::vector<std::string>& names, bool with_operations = false);
  // Brokers older than 3.1 know no ids.
  result<each<std::string, topic_description>> describe_topics_by_id(
      const std::vector<std::string>& ids, bool with_operations = false);
  result<each<std::string, created_topic>> create_topics(const std::vector<new_topic>& topics,
                                                         bool validates_only = false);
  result<each<std::string>> delete_topics(const std::vector<std::string>& names);
  result<each<std::string>> delete_topics_by_id(const std::vector<std::string>& ids);
  result<each<std::string>> create_partitions(const std::map<std::string, new_partitions>& topics,
                                              bool validates_only = false);

  // Partitions, at their leaders.
  // Deletes what lies before the offsets, -1 being the high watermark. The new first offsets.
  result<each<topic_partition, std::int64_t>> delete_records(
      const std::map<topic_partition, std::int64_t>& before);
  // Offsets by time, or by one of offset_spec.
  result<each<topic_partition, listed_offset>> list_offsets(
      const std::map<topic_partition, std::int64_t>& times,
      isolation_level isolation = isolation_level::read_uncommitted);

  // As the leaders know them, or another broker that has a replica of each.
  result<each<topic_partition, std::vector<producer_state>>> describe_producers(
      const std::vector<topic_partition>& partitions,
      std::optional<std::int32_t> broker = std::nullopt);

  // Replicas. Among all partitions when none is named; then those that need no election are not
  // told of.
  result<each<topic_partition>> elect_leaders(election_type type,
                                              const std::vector<topic_partition>& partitions);
  // Nothing in place of replicas calls a reassignment off.
  result<each<topic_partition>> alter_partition_reassignments(
      const std::map<topic_partition, std::optional<replica_list>>& replicas);
  // Those under way, of all partitions when none is named.
  result<std::map<topic_partition, reassignment>> list_partition_reassignments(
      const std::vector<topic_partition>& partitions);
  // Log directories by path, by broker; of all brokers when none is named.
  result<each<std::int32_t, each<std::string, log_dir_description>>> describe_log_dirs(
      const std::vector<std::int32_t>& brokers);
  result<each<replica, replica_place>> describe_replica_log_dirs(
      const std::vector<replica>& replicas);
  // Moves replicas between directories of their broker.
  result<each<replica>> alter_replica_log_dirs(const std::map<replica, std::string>& paths);

  // Groups, at their coordinators. What each broker coordinates, by the broker.
  result<each<std::int32_t, std::vector<group_listing>>> list_groups(
      const group_filter& filter = {});
  // Of the protocol of KIP-848 and of the classic one.
  result<each<std::string, group_description>> describe_consumer_groups(
      const std::vector<std::string>& groups, bool with_operations = false);
  result<each<std::string, group_description>> describe_classic_groups(
      const std::vector<std::string>& groups, bool with_operations = false);
  result<each<std::string, group_description>> describe_share_groups(
      const std::vector<std::string>& groups, bool with_operations = false);
  result<each<std::string, streams_group_description>> describe_streams_groups(
      const std::vector<std::string>& groups, bool with_operations = false);
  // Groups of any type that have no members.
  result<each<std::string>> delete_groups(const std::vector<std::string>& groups);
  // Of a classic group, all when none is named. Each is told the reason.
  result<each<member_name>> remove_group_members(const std::string& group,
                                                 const std::vector<member_name>& members,
                                                 const std::string& reason = {});

  // Committed offsets of groups of every type but share groups. With `only_stable` those that open
  // transactions may change are waited for.
  result<each<std::string, committed_offsets>> list_group_offsets(const partitions_by_group& groups,
                                                                  bool only_stable = false);
  result<each<topic_partition>> alter_group_offsets(
      const std::string& group, const std::map<topic_partition, committed_offset>& offsets);
  result<each<topic_partition>> delete_group_offsets(
      const std::string& group, const std::vector<topic_partition>& partitions);

  // From where share groups read.
  result<each<std::string, share_offsets>> list_share_group_offsets(
      const partitions_by_group& groups);
  result<each<topic_partition>> alter_share_group_offsets(
      const std::string& group, const std::map<topic_partition, std::int64_t>& starts);
  result<each<std::string>> delete_share_group_offsets(const std::string& group,
                                                       const std::vector<std::string>& topics);

  // Transactions. What each broker coordinates, by the broker.
  result<each<std::int32_t, std::vector<transaction_listing>>> list_transactions(
      const transaction_filter& filter = {});
  result<each<std::string, transaction_description>> describe_transactions(
      const std::vector<std::string>& transactional_ids);
  // On one partition only: for one that hangs, whose coordinator does not know it any more.
  result<> abort_transaction(const open_transaction& transaction);
  // Ends what the producers of the ids have under way, and shuts these out.
  result<each<std::string, fenced_producer>> fence_producers(
      const std::vector<std::string>& transactional_ids);

  // Settings.
  result<each<resource, std::vector<config_entry>>> describe_configs(
      const std::vector<resource>& resources);
  result<each<resource>> alter_configs(
      const std::map<resource, std::vector<config_change>>& changes, bool validates_only = false);
  // Resources that have settings of their own; of every type when `types` is empty.
  result<std::vector<resource>> list_config_resources(const std::vector<resource_type>& types);

  // Quotas.
  result<std::map<quota_entity, quota_values>> describe_client_quotas(
      const quota_filter& filter = {});
  result<each<quota_entity>> alter_client_quotas(
      const std::map<quota_entity, quota_changes>& changes, bool validates_only = false);

  // Permissions and users.
  result<std::vector<acl_binding>> describe_acls(const acl_filter& filter = {});
  result<each<acl_binding>> create_acls(const std::vector<acl_binding>& bindings);
  // Of each filter what it deleted, or could not.
  result<each<acl_filter, each<acl_binding>>> delete_acls(const std::vector<acl_filter>& filters);
  // Of all users when none is named.
  result<each<std::string, std::vector<scram_credential_info>>> describe_user_scram_credentials(
      const std::vector<std::string>& users);
  result<each<std::string>> alter_user_scram_credentials(
      const std::map<std::string, std::vector<scram_change>>& changes);

  // Delegation tokens.
  result<delegation_token> create_delegation_token(const new_delegation_token& wanted = {});
  // When the token then ends, in ms since 1970; -1 is the period of the brokers' settings.
  result<std::int64_t> renew_delegation_token(const std::string& hmac, std::int64_t period_ms = -1);
  // At once with a negative period.
  result<std::int64_t> expire_delegation_token(const std::string& hmac,
                                               std::int64_t period_ms = -1);
  // Of all owners when none is named.
  result<std::vector<delegation_token>> describe_delegation_tokens(
      const std::vector<principal_name>& owners);

  // The cluster.
  result<cluster_description> describe_cluster(bool with_operations = false);
  result<feature_description> describe_features();
  result<each<std::string>> update_features(const std::map<std::string, feature_update>& updates,
                                            bool validates_only = false);
  result<quorum_description> describe_metadata_quorum();
  result<> add_raft_voter(const raft_voter& voter, const std::vector<raft_listener>& listeners);
  result<> remove_raft_voter(const raft_voter& voter);
  // Of a broker that is gone.
  result<> unregister_broker(std::int32_t broker);

 private:
  struct implementation;
  explicit admin(std::unique_ptr<implementation> it);
  std::unique_ptr<implementation> it_;
};

}  // namespace barnabas::kafka
