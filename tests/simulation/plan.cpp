#include "plan.h"

#include <fmt/format.h>

#include <array>

namespace barnabas::trial {
namespace {

using namespace std::chrono_literals;
using runtime::simulated::seeded_random;

void add_settings(plan& to, seeded_random& random) {
  const auto set = [&to](const std::string& key, const std::string& value) {
    to.settings.push_back({key, value, 0});
  };
  std::string folders;
  for (int i = between(random, 1, 2); i > 0; --i) {
    to.log_dirs.push_back("/data/" + std::string(1, static_cast<char>('a' + i)));
    folders += (folders.empty() ? "" : ",") + to.log_dirs.back();
  }
  set("log.dirs", folders);
  set("listeners", fmt::format("PLAINTEXT://:{}", broker_port));
  set("advertised.listeners", fmt::format("PLAINTEXT://{}:{}", broker_name, broker_port));
  set("num.partitions", std::to_string(to.partitions));
  set("log.retention.ms", "-1");
  // A batch must fit into a segment.
  const bool is_large = to.value_bytes > 100;
  to.rolls_segments = random.chance(0.6);
  set("log.segment.bytes", !to.rolls_segments ? "1073741824"
                           : is_large         ? "20000"
                                              : one_of<std::string>(random, {"1500", "3000"}));
  set("log.index.interval.bytes", one_of<std::string>(random, {"0", "100", "4096"}));
  set("barnabas.acknowledge", one_of<std::string>(random, {"replicated-or-disk", "disk"}));
  if (random.chance(0.3)) {
    set("log.flush.interval.messages", one_of<std::string>(random, {"1", "10"}));
  }
  const auto often = [&] { return one_of<std::string>(random, {"50", "500", "60000"}); };
  set("log.flush.offset.checkpoint.interval.ms", often());
  set("replica.high.watermark.checkpoint.interval.ms", often());
}

void add_clients(plan& to, seeded_random& random) {
  to.client_machines = between(random, 1, 3);
  for (int i = 0; i < between(random, 1, 4); ++i) {
    producer_plan& each = to.producers.emplace_back();
    each.number = i;
    each.is_idempotent = i == 0 || random.chance(0.7);
    each.batches = between(random, 5, 40);
    each.records_per_batch = between(random, 1, 8);
    each.value_bytes = to.value_bytes;
    // A first batch that the disk refuses and a second one that it takes: Kafka's rule accepts any
    // first sequence of a producer that the log does not know, and the first batch never gets in.
    const int most_in_flight = to.trouble.write_faults ? 1 : 5;
    each.requests_in_flight = between(random, 1, most_in_flight);
    each.produce_version = one_of<std::int16_t>(random, {3, 7, 8, 9, 11, 12, 13});
    each.pause = one_of<runtime::duration>(random, {0ms, 5ms, 50ms});
  }
  for (int i = between(random, 1, 2); i > 0; --i) {
    reader_plan& each = to.readers.emplace_back();
    each.fetch_version = one_of<std::int16_t>(random, {4, 7, 11, 12, 13, 16});
    each.max_wait_ms = one_of(random, {20, 100, 500});
    each.partition_max_bytes = one_of(random, {200, 5000, 1 << 20});
  }
}

void add_trouble(plan& to, seeded_random& random) {
  disturbances& trouble = to.trouble;
  trouble.count = between(random, 2, 9);
  trouble.longest_pause = one_of<runtime::duration>(random, {50ms, 200ms, 600ms});
  trouble.power_losses = random.chance(0.6);
  trouble.process_kills = !trouble.power_losses || random.chance(0.5);
  trouble.clean_stops = random.chance(0.3);
  trouble.network_faults = random.chance(0.5);
  trouble.write_faults = random.chance(0.25);
  trouble.sync_faults = trouble.power_losses && random.chance(0.2);
}

void set_world(plan& to, seeded_random& random) {
  if (random.chance(0.3)) {
    to.world.network = {1ms, 30ms};
  }
  if (to.trouble.network_faults && random.chance(0.4)) {
    to.world.reset_probability = 0.005;
  }
  to.world.sync = {100us, one_of<runtime::duration>(random, {500us, 5ms, 60ms})};
  to.world.cold_probability = one_of(random, {0.0, 0.1, 0.8});
  to.world.garbage_probability = one_of(random, {0.0, 0.1, 0.7});
  to.world.window_bytes = one_of<std::size_t>(random, {2000, 64 << 10});
}

}  // namespace

plan make_plan(std::uint64_t seed) {
  seeded_random random(seed * 0x9e3779b97f4a7c15 + 1);
  plan made;
  made.seed = seed;
  made.shards = between(random, 1, 3);
  made.partitions = between(random, 1, 4);
  made.auto_creates_topic = random.chance(0.5);
  made.value_bytes = one_of(random, {10, 100, 100, 1500});
  add_settings(made, random);
  add_trouble(made, random);
  add_clients(made, random);
  set_world(made, random);
  return made;
}

std::string to_text(const disturbances& trouble) {
  std::string text = fmt::format("{} disturbances of:", trouble.count);
  const auto kind = [&text](bool is_there, std::string_view name) {
    if (is_there) {
      text += fmt::format(" {}", name);
    }
  };
  kind(trouble.process_kills, "process_kill");
  kind(trouble.power_losses, "power_loss");
  kind(trouble.clean_stops, "clean_stop");
  kind(trouble.network_faults, "network");
  kind(trouble.write_faults, "write_fault");
  kind(trouble.sync_faults, "sync_fault");
  return text;
}

std::string to_text(const plan& plan) {
  std::string text =
      fmt::format("{} shards, {} log directories, {} partitions, {} producers, {} readers; {}",
                  plan.shards, plan.log_dirs.size(), plan.partitions, plan.producers.size(),
                  plan.readers.size(), to_text(plan.trouble));
  for (const broker::property& each : plan.settings) {
    text += fmt::format("\n  {}={}", each.key, each.value);
  }
  return text;
}

}  // namespace barnabas::trial
