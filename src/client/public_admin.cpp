#include <barnabas/admin.h>
#include "client/admin/cluster_calls.h"
#include "client/admin/configs.h"
#include "client/admin/partitions.h"
#include "client/admin/topics.h"
#include "client/configuration.h"
#include "client/hosted.h"
#include "client/public_error.h"

namespace barnabas::kafka {
namespace {

struct admin_core {
  admin_core(runtime::world& world, const client::cluster_configuration& settings)
      : cluster(world.sockets(), settings) {}
  void start() { cluster.start(); }
  runtime::task<> stop() { return cluster.stop(); }

  client::cluster cluster;
};

}  // namespace

struct admin::implementation {
  explicit implementation(const client::cluster_configuration& settings) : core(settings) {}

  template <class Call, class... Arguments>
  auto ask(Call call, const Arguments&... arguments) {
    return runtime::wait_for(core.home(), [&] { return call(core->cluster, arguments...); });
  }

  client::hosted<admin_core> core;
};

result<admin> admin::open(const settings& settings) {
  const auto checked = client::make_admin_configuration(settings);
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
    const std::vector<std::string>& names) {
  return it_->ask(client::describe_topics, names);
}
result<each<std::string, created_topic>> admin::create_topics(const std::vector<new_topic>& topics,
                                                              bool validates_only) {
  return it_->ask(client::create_topics, topics, validates_only);
}
result<each<std::string>> admin::delete_topics(const std::vector<std::string>& names) {
  return it_->ask(client::delete_topics, names);
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
result<cluster_description> admin::describe_cluster() {
  return it_->ask(client::describe_cluster);
}

}  // namespace barnabas::kafka
