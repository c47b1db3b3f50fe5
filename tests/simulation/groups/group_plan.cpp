#include "groups/group_plan.h"

#include <fmt/format.h>

#include <initializer_list>

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;
using runtime::simulated::seeded_random;

constexpr group_versions ages[] = {{2, 1, 1, 1, 3, 3}, {5, 3, 3, 3, 7, 6}, {9, 5, 4, 5, 9, 9}};
constexpr std::size_t first_age_with_static_members = 1;

void add_settings(group_plan& to, seeded_random& random) {
  const auto set = [&to](const std::string& key, const std::string& value) {
    to.settings.push_back({key, value, 0});
  };
  to.log_dirs = {"/data/a"};
  set("log.dirs", "/data/a");
  set("listeners", fmt::format("PLAINTEXT://:{}", broker_port));
  set("advertised.listeners", fmt::format("PLAINTEXT://{}:{}", broker_name, broker_port));
  set("num.partitions", std::to_string(to.partitions));
  set("offsets.topic.num.partitions", one_of<std::string>(random, {"1", "2", "3"}));
  set("offsets.topic.segment.bytes", one_of<std::string>(random, {"10000", "104857600"}));
  set("offsets.topic.compression.codec", one_of<std::string>(random, {"0", "0", "3"}));
  set("group.min.session.timeout.ms", "100");
  set("group.initial.rebalance.delay.ms", one_of<std::string>(random, {"0", "50", "300"}));
  set("barnabas.acknowledge", one_of<std::string>(random, {"replicated-or-disk", "disk"}));
  set("log.flush.offset.checkpoint.interval.ms", one_of<std::string>(random, {"50", "60000"}));
}

void add_members(group_plan& to, seeded_random& random) {
  const int count = between(random, 2, 6);
  for (int i = 0; i < count; ++i) {
    member_plan& each = to.members.emplace_back();
    each.number = i;
    each.group = i % to.groups;
    const std::size_t age = random.below(std::size(ages));
    each.versions = ages[age];
    each.is_static = age >= first_age_with_static_members && random.chance(0.3);
    each.session_timeout_ms = one_of(random, {300, 600, 1'000});
    each.rebalance_timeout_ms = one_of(random, {300, 800});
    each.pause = one_of<runtime::duration>(random, {20ms, 60ms, 150ms});
    each.commit_chance = one_of(random, {0.2, 0.6, 1.0});
    each.leave_chance = one_of(random, {0.0, 0.01, 0.05});
  }
}

void add_trouble(group_plan& to, seeded_random& random) {
  disturbances& trouble = to.trouble;
  trouble.count = between(random, 1, 5);
  trouble.longest_pause = one_of<runtime::duration>(random, {50ms, 200ms, 600ms});
  trouble.power_losses = random.chance(0.5);
  trouble.process_kills = !trouble.power_losses || random.chance(0.5);
  trouble.clean_stops = random.chance(0.3);
  trouble.network_faults = random.chance(0.5);
  trouble.write_faults = random.chance(0.2);
  trouble.sync_faults = trouble.power_losses && random.chance(0.2);
  to.has_member_crashes = random.chance(0.6);
  if (random.chance(0.3)) {
    to.world.network = {1ms, 30ms};
  }
  if (trouble.network_faults && random.chance(0.4)) {
    to.world.reset_probability = 0.005;
  }
  to.world.sync = {100us, one_of<runtime::duration>(random, {500us, 5ms, 20ms})};
  to.world.cold_probability = one_of(random, {0.0, 0.1, 0.8});
  to.world.garbage_probability = one_of(random, {0.0, 0.1, 0.7});
}

}  // namespace

group_plan make_group_plan(std::uint64_t seed) {
  seeded_random random(seed * 0x9e3779b97f4a7c15 + 2);
  group_plan made;
  made.seed = seed;
  made.shards = between(random, 1, 3);
  made.groups = between(random, 1, 2);
  made.partitions = between(random, 1, 5);
  made.client_machines = between(random, 1, 3);
  add_settings(made, random);
  add_trouble(made, random);
  add_members(made, random);
  return made;
}

std::string to_text(const group_plan& plan) {
  std::string text =
      fmt::format("{} shards, {} groups, {} members on {} machines, {} partitions; {}", plan.shards,
                  plan.groups, plan.members.size(), plan.client_machines, plan.partitions,
                  to_text(plan.trouble));
  if (plan.has_member_crashes) {
    text += " member_crash";
  }
  for (const broker::property& each : plan.settings) {
    text += fmt::format("\n  {}={}", each.key, each.value);
  }
  return text;
}

}  // namespace barnabas::trial
