#include "cluster/detail/leader_election.h"

#include <algorithm>

#include "cluster/detail/topic_plans.h"

namespace barnabas::cluster::detail {
namespace {

std::vector<std::int32_t> live_of(const broker_ids& ids, const image& image) {
  std::vector<std::int32_t> live;
  for (const std::int32_t id : ids) {
    if (image.find_broker(id) != nullptr) {
      live.push_back(id);
    }
  }
  return live;
}

void lead(partition& partition, std::int32_t leader, std::int32_t controller_epoch) {
  partition.leader = leader;
  ++partition.leader_epoch;
  ++partition.partition_epoch;
  partition.controller_epoch = controller_epoch;
}

// The first in the order of the assignment.
std::int32_t first_of(const broker_ids& replicas, const std::vector<std::int32_t>& allowed) {
  for (const std::int32_t id : replicas) {
    if (std::ranges::find(allowed, id) != allowed.end()) {
      return id;
    }
  }
  return no_leader;
}

}  // namespace

bool elect_leader(partition& partition, const image& image, std::int32_t controller_epoch,
                  bool may_be_unclean) {
  if (partition.partition_epoch < 0) {
    partition = new_partition(partition.replicas, image, controller_epoch);
    return true;
  }
  if (partition.leader != no_leader && image.find_broker(partition.leader)) {
    return false;
  }
  std::vector<std::int32_t> candidates = live_of(partition.isr, image);
  if (candidates.empty() && may_be_unclean) {
    candidates = live_of(partition.replicas, image);
    candidates.resize(std::min<std::size_t>(candidates.size(), 1));
  }
  if (candidates.empty() && partition.leader == no_leader) {
    return false;
  }
  // Without a candidate the set stays: one of the replicas in sync must come back to lead.
  if (!candidates.empty()) {
    partition.isr = broker_ids(candidates);
  }
  lead(partition, first_of(partition.replicas, candidates), controller_epoch);
  return true;
}

bool may_be_unclean(const topic& topic, const image& image, std::int32_t broker_id, bool given) {
  constexpr std::string_view key = "unclean.leader.election.enable";
  const auto value_in = [&](const overrides* config) -> const std::string* {
    const auto at = config == nullptr ? overrides::const_iterator() : config->find(key);
    return config == nullptr || at == config->end() ? nullptr : &at->second;
  };
  const auto of_broker = [&](std::string_view name) -> const overrides* {
    const auto at = image.broker_configs->find(name);
    return at == image.broker_configs->end() ? nullptr : &at->second;
  };
  for (const overrides* config :
       {&topic.config, of_broker(std::to_string(broker_id)), of_broker("<default>")}) {
    if (const std::string* value = value_in(config)) {
      return *value == "true";
    }
  }
  return given;
}

result<> elect_on_demand(partition& partition, const image& image, std::int32_t controller_epoch,
                         election kind) {
  const bool is_led =
      partition.leader != no_leader && image.find_broker(partition.leader) != nullptr;
  if (kind == election::unclean) {
    if (is_led) {
      return fail(error_code::election_not_needed, "the partition has a leader");
    }
    return elect_leader(partition, image, controller_epoch, true) && partition.leader != no_leader
               ? result<>{}
               : fail(error_code::eligible_leaders_not_available, "no replica is alive");
  }
  const std::int32_t preferred = *partition.replicas.begin();
  if (partition.leader == preferred && is_led) {
    return fail(error_code::election_not_needed, "the preferred replica leads already");
  }
  if (image.find_broker(preferred) == nullptr || !partition.isr.contains(preferred)) {
    return fail(error_code::preferred_leader_not_available,
                "the preferred replica is not alive and in sync");
  }
  lead(partition, preferred, controller_epoch);
  return {};
}

}  // namespace barnabas::cluster::detail
