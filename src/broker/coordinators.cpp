#include "broker/coordinators.h"

#include "broker/java_hash.h"

namespace barnabas::broker {
namespace {

// Keeps the machine until its tasks have ended.
runtime::task<> retire(std::unique_ptr<coordinator::replicated> machine) {
  machine->close();
  co_await machine->join();
}

}  // namespace

coordinators::coordinators(std::string topic, const partition_directory& partitions,
                           const cluster::image_board& images, std::int32_t broker_id,
                           coordinator_log::rules how, machine_maker make)
    : topic_(std::move(topic)),
      partitions_(partitions),
      images_(images),
      broker_id_(broker_id),
      rules_(how),
      make_(std::move(make)) {
  for (int i = 0; i < partitions.world().shard_count(); ++i) {
    tables_.push_back(std::make_unique<table>());
  }
}

coordinators::~coordinators() = default;

result<coordinators::place> coordinators::place_of(std::string_view key) const {
  const cluster::topic* topic = images_.current()->find_topic(topic_);
  if (topic == nullptr) {
    return fail(error_code::coordinator_not_available);
  }
  const std::int32_t index =
      partition_of_key(key, static_cast<std::int32_t>(topic->partitions.size()));
  if (topic->find(index)->leader != broker_id_) {
    return fail(error_code::not_coordinator);
  }
  return place{index, &partitions_.owner_of(topic_, index)};
}

coordinator::replicated* coordinators::find(std::int32_t partition) const {
  const auto found = here().machines.find(partition);
  return found == here().machines.end() ? nullptr : found->second.get();
}

void coordinators::opened(const uuid& topic_id, const partition_ptr& partition) {
  if (partition->name().topic != topic_) {
    return;
  }
  const std::int32_t index = partition->name().partition;
  auto& machine = here().machines[index];
  if (machine && partition->is_leader() &&
      machine->leader_epoch() == partition->state().leader_epoch) {
    return;
  }
  if (machine) {
    here().retiring.spawn(retire(std::move(machine)));
  }
  if (!partition->is_leader()) {
    here().machines.erase(index);
    return;
  }
  auto settings = [this, topic_id] { return partitions_.settings_of(topic_id); };
  machine = std::make_unique<coordinator::replicated>(
      std::make_unique<coordinator_log>(partition, std::move(settings), rules_),
      [this, index] { return make_(index); });
  machine->start();
}

runtime::task<> coordinators::closed(const topic_partition& name) {
  if (name.topic != topic_) {
    co_return;
  }
  const auto found = here().machines.find(name.partition);
  if (found == here().machines.end()) {
    co_return;
  }
  auto machine = std::move(found->second);
  here().machines.erase(found);
  co_await retire(std::move(machine));
}

}  // namespace barnabas::broker
