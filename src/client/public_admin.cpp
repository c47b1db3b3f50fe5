#include <fmt/format.h>

#include <barnabas/admin.h>
#include "client/administration.h"
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

  template <class Call, class Argument>
  auto ask(Call call, const Argument& argument) {
    return runtime::wait_for(core.home(), [&] { return call(core->cluster, argument); });
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

result<each<std::string>> admin::create_topics(const std::vector<new_topic>& topics) {
  return it_->ask(client::create_topics, topics);
}
result<each<std::string>> admin::delete_topics(const std::vector<std::string>& names) {
  return it_->ask(client::delete_topics, names);
}
result<each<std::string, topic_description>> admin::describe_topics(
    const std::vector<std::string>& names) {
  return it_->ask(client::describe_topics, names);
}
result<each<resource, std::vector<config_entry>>> admin::describe_configs(
    const std::vector<resource>& resources) {
  return it_->ask(client::describe_configs, resources);
}
result<each<resource>> admin::alter_configs(
    const std::map<resource, std::vector<config_change>>& changes) {
  return it_->ask(client::alter_configs, changes);
}

}  // namespace barnabas::kafka
