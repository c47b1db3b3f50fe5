#include "broker/node.h"

#include "base/log.h"
#include "broker/group_settings.h"
#include "broker/internal_topics.h"
#include "broker/log_options.h"
#include "group/machine.h"
#include "metastore/embedded_store.h"

namespace barnabas::broker {
namespace {

constexpr std::size_t default_fetch_sessions = 1000;
constexpr auto fetch_session_eviction = std::chrono::milliseconds(120'000);

// What the logs ask while they are opened, out of what the store says before anything is published.
class loaded_partitions final : public storage::partition_registry {
 public:
  using settings_source =
      std::function<std::shared_ptr<const topic_settings>(const cluster::overrides&)>;

  loaded_partitions(cluster::image_ptr image, const partition_directory& directory,
                    settings_source settings)
      : image_(std::move(image)), directory_(directory), settings_(std::move(settings)) {}

  std::optional<uuid> topic_id_of(const topic_partition& name) const override {
    const cluster::topic* topic = image_->find_topic(name.topic);
    return topic != nullptr && topic->find(name.partition) != nullptr ? std::optional(topic->id)
                                                                      : std::nullopt;
  }
  std::shared_ptr<const storage::log_config> config_of(const std::string& name) const override {
    const cluster::topic* topic = image_->find_topic(std::string_view(name));
    auto& known = by_topic_[name];
    if (!known) {
      known = settings_(topic != nullptr ? topic->config : cluster::overrides())->log;
    }
    return known;
  }
  int shard_of(const topic_partition& name) const override {
    return directory_.shard_of(name.topic, name.partition);
  }

 private:
  cluster::image_ptr image_;
  const partition_directory& directory_;
  settings_source settings_;
  mutable std::unordered_map<std::string, std::shared_ptr<const storage::log_config>> by_topic_;
};

runtime::task<std::int32_t> newest_epoch(storage::log_manager& logs, topic_partition name) {
  const storage::managed_log* log = logs.here().find(name);
  co_return log == nullptr ? 0 : log->log->leader_epochs().latest_epoch().value_or(0);
}

}  // namespace

node::node(runtime::world& world, const server_config& config, metastore::store* store)
    : world_(world),
      config_(config),
      store_(store),
      logs_(world, make_log_manager_options(config)),
      images_(world),
      partitions_(world, logs_, config.broker_id,
                  [this](const cluster::topic& topic) { return settings_of(topic.config); }),
      groups_(std::string(offsets_topic_name), partitions_, images_, config.broker_id,
              offsets_topic_rules(config),
              [limits = group_settings(config)](std::int32_t /*partition*/) {
                return std::make_unique<group::machine>(limits);
              }),
      fetch_sessions_(
          world.shard_count(),
          static_cast<std::size_t>(number_setting(
              config, "max.incremental.fetch.session.cache.slots", default_fetch_sessions)),
          fetch_session_eviction) {}

node::~node() = default;

runtime::task<result<>> node::start(const std::vector<network::listener_address>& advertised) {
  partitions_.set_observer(groups_);
  auto claimed = co_await logs_.claim();
  if (!claimed) {
    co_return fail(std::move(claimed.error()));
  }
  if (auto opened = co_await open_store(); !opened) {
    co_return opened;
  }
  make_controller(advertised, claimed->cluster_id.value_or(std::string()));
  if (auto loaded = co_await controller_->load(); !loaded) {
    co_return loaded;
  }
  if (auto opened = co_await open_logs(); !opened) {
    co_return opened;
  }
  co_return co_await controller_->start();
}

runtime::task<result<>> node::open_store() {
  if (store_ == nullptr) {
    auto opened = co_await metastore::embedded_store::open(config_.log_dirs.front());
    if (!opened) {
      co_return fail(std::move(opened.error()));
    }
    own_store_ = std::move(*opened);
    store_ = own_store_.get();
  }
  co_return result<>{};
}

void node::make_controller(const std::vector<network::listener_address>& advertised,
                           std::string cluster_id) {
  cluster::controller_options options;
  options.broker_id = config_.broker_id;
  options.cluster_id = std::move(cluster_id);
  if (!config_.rack.empty()) {
    options.rack = config_.rack;
  }
  for (const network::listener_address& address : advertised) {
    options.endpoints.push_back({address.name,
                                 std::string(network::protocol_name(address.protocol)),
                                 address.at.host, address.at.port});
  }
  options.num_partitions = static_cast<std::int32_t>(number_setting(config_, "num.partitions", 1));
  options.default_replication_factor =
      static_cast<std::int16_t>(number_setting(config_, "default.replication.factor", 1));
  options.is_topic_deletion_enabled =
      text_setting(config_, "delete.topic.enable", "true") == "true";
  controller_ = std::make_unique<cluster::controller>(world_, *store_, images_, partitions_,
                                                      std::move(options));
  producer_ids_ = std::make_unique<producer_ids>(world_, *controller_);
}

runtime::task<result<>> node::open_logs() {
  const cluster::image_ptr loaded = controller_->loaded();
  const loaded_partitions registry(
      loaded, partitions_, [this](const cluster::overrides& topic) { return settings_of(topic); });
  auto report = co_await logs_.start({loaded->cluster_id, config_.broker_id}, registry);
  if (!report) {
    co_return fail(std::move(report.error()));
  }
  are_logs_open_ = true;
  if (report->adopted.empty()) {
    co_return result<>{};
  }
  std::vector<cluster::found_topic> found;
  for (storage::adopted_topic& each : report->adopted) {
    found.push_back(co_await describe(std::move(each)));
  }
  co_return co_await controller_->adopt_topics(std::move(found));
}

runtime::task<cluster::found_topic> node::describe(storage::adopted_topic adopted) {
  cluster::found_topic found{adopted.topic, adopted.topic_id, {}};
  for (const auto& partition : adopted.partitions) {
    const topic_partition name{adopted.topic, partition.index};
    found.leader_epochs[partition.index] =
        co_await runtime::on_shard(partitions_.owner_of(adopted.topic, partition.index),
                                   [this, name] { return newest_epoch(logs_, name); });
  }
  co_return found;
}

runtime::task<> node::stop() {
  co_await partitions_.close_all();
  if (are_logs_open_) {
    co_await logs_.stop();
  }
  if (controller_) {
    co_await controller_->stop();
    producer_ids_.reset();
    controller_.reset();
  }
  if (own_store_) {
    co_await static_cast<metastore::embedded_store&>(*own_store_).close();
  }
}

std::optional<std::string> node::broker_setting(std::string_view key) const {
  const auto& dynamic = *(images_.current()->broker_configs);
  for (const std::string& scope : {std::to_string(config_.broker_id), std::string("<default>")}) {
    if (const auto at = dynamic.find(scope); at != dynamic.end()) {
      if (const auto value = at->second.find(key); value != at->second.end()) {
        return value->second;
      }
    }
  }
  const auto given = config_.values.find(std::string(key));
  return given == config_.values.end() ? std::nullopt : std::optional(given->second);
}

std::shared_ptr<const topic_settings> node::settings_of(const cluster::overrides& topic) const {
  return make_topic_settings(topic, [this](std::string_view key) { return broker_setting(key); });
}

}  // namespace barnabas::broker
