#include "broker/node.h"

#include "base/log.h"
#include "broker/group_settings.h"
#include "broker/internal_topics.h"
#include "broker/log_options.h"
#include "broker/setting_reader.h"
#include "group/machine.h"
#include "metastore/embedded_store.h"

namespace barnabas::broker {
namespace {

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

node::node(runtime::world& world, const server_config& config, metastore::store* store,
           settings_listener settings_changed)
    : world_(world),
      config_(config),
      store_(store),
      settings_changed_(std::move(settings_changed)),
      logs_(world, make_log_manager_options(config)),
      images_(world),
      fetch_sessions_(
          world.shard_count(),
          static_cast<std::size_t>(setting_reader({.given = &config.values})
                                       .number("max.incremental.fetch.session.cache.slots")),
          fetch_session_eviction) {}

node::~node() = default;

runtime::task<result<>> node::start(const std::vector<network::listener_address>& advertised) {
  auto claimed = co_await logs_.claim();
  if (!claimed) {
    co_return fail(std::move(claimed.error()));
  }
  if (auto opened = co_await open_store(); !opened) {
    co_return opened;
  }
  // Where server.properties names no id, the directories know who this broker was.
  broker_id_ = config_.broker_id ? *config_.broker_id : claimed->broker_id.value_or(0);
  partitions_ = std::make_unique<partition_directory>(
      world_, logs_, broker_id_,
      [this](const cluster::topic& topic) { return settings_of(topic.config); });
  groups_ = std::make_unique<coordinators>(std::string(offsets_topic_name), *partitions_, images_,
                                           broker_id_, offsets_topic_rules(config_),
                                           [limits = group_settings(config_)](std::int32_t) {
                                             return std::make_unique<group::machine>(limits);
                                           });
  partitions_->set_observer(*groups_);
  make_controller(advertised, claimed->cluster_id.value_or(std::string()));
  if (auto loaded = co_await controller_->load(); !loaded) {
    co_return loaded;
  }
  if (auto opened = co_await open_logs(); !opened) {
    co_return opened;
  }
  if (auto started = co_await controller_->start(); !started) {
    co_return started;
  }
  apply_settings();
  co_return result<>{};
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
  const setting_reader in(broker_settings{.given = &config_.values});
  options.broker_id = broker_id_;
  options.cluster_id = std::move(cluster_id);
  if (!config_.rack.empty()) {
    options.rack = config_.rack;
  }
  for (const network::listener_address& address : advertised) {
    options.endpoints.push_back({address.name,
                                 std::string(network::protocol_name(address.protocol)),
                                 address.at.host, address.at.port});
  }
  options.num_partitions = in.number32("num.partitions");
  options.default_replication_factor =
      static_cast<std::int16_t>(in.number("default.replication.factor"));
  options.is_topic_deletion_enabled = in.is_on("delete.topic.enable");
  options.is_unclean_election_enabled = in.is_on("unclean.leader.election.enable");
  cluster::partition_host& host = *this;
  controller_ =
      std::make_unique<cluster::controller>(world_, *store_, images_, host, std::move(options));
  producer_ids_ = std::make_unique<producer_ids>(world_, *controller_);
}

runtime::task<result<>> node::open_logs() {
  const cluster::image_ptr loaded = controller_->newest();
  const loaded_partitions registry(
      loaded, *partitions_, [this](const cluster::overrides& topic) { return settings_of(topic); });
  auto report = co_await logs_.start({loaded->cluster_id, broker_id_}, registry);
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
        co_await runtime::on_shard(partitions_->owner_of(adopted.topic, partition.index),
                                   [this, name] { return newest_epoch(logs_, name); });
  }
  co_return found;
}

runtime::task<> node::stop() {
  if (partitions_) {
    co_await partitions_->close_all();
  }
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

broker_settings node::settings() const {
  return broker::settings_of(*controller_->newest(), broker_id_, config_.values);
}

std::shared_ptr<const topic_settings> node::settings_of(const cluster::overrides& topic) const {
  if (!topic.empty()) {
    return make_topic_settings(topic, settings());
  }
  if (!standard_) {
    standard_ = make_topic_settings(topic, settings());
  }
  return standard_;
}

runtime::task<std::vector<result<>>> node::open_partitions(
    std::vector<cluster::partition_to_open> partitions) {
  return partitions_->open_partitions(std::move(partitions));
}
runtime::task<bool> node::delete_topic(cluster::topic_ptr topic) {
  return partitions_->delete_topic(std::move(topic));
}
runtime::task<> node::topic_config_changed(cluster::topic_ptr topic) {
  return partitions_->install_settings({std::move(topic)});
}

void node::apply_settings() {
  const broker_settings now = settings();
  const setting_reader in(now);
  logs_.set_cordoned(in.list("cordoned.log.dirs"));
  logs_.cleaner().change(read_cleaner_options(in));
  logs_.set_move_rate(in.number("replica.alter.log.dirs.io.max.bytes.per.second"));
  settings_changed_(now);
}

runtime::task<> node::broker_config_changed() {
  standard_ = nullptr;
  co_await partitions_->install_all_settings();
  apply_settings();
}

}  // namespace barnabas::broker
