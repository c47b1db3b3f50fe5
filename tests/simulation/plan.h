// What happens in one trial, drawn from its seed before anything runs: the broker's settings, the
// clients, and which kinds of disturbance there are. A value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "broker/properties.h"
#include "runtime/simulated/options.h"
#include "runtime/simulated/random.h"

namespace barnabas::trial {

inline constexpr const char* broker_name = "broker";
inline constexpr std::uint16_t broker_port = 9092;
inline constexpr const char* topic_name = "t";

struct producer_plan {
  int number = 0;
  // Idempotent, acks=all, repeated until acknowledged; else acks=1, and every batch is sent once.
  bool is_idempotent = true;
  int batches = 0;
  int records_per_batch = 1;  // at most
  int value_bytes = 0;        // as the plan's
  int requests_in_flight = 1;
  std::int16_t produce_version = 9;
  runtime::duration pause{};  // at most, between two requests
};

struct reader_plan {
  std::int16_t fetch_version = 12;
  std::int32_t max_wait_ms = 100;
  std::int32_t partition_max_bytes = 1 << 20;
};

struct disturbances {
  int count = 0;
  runtime::duration longest_pause{};  // between two of them
  bool process_kills = false;
  bool power_losses = false;
  bool clean_stops = false;
  bool network_faults = false;
  bool write_faults = false;
  bool sync_faults = false;
};

// Of any trial: the broker, its world and what is done to it.
struct broker_plan {
  std::uint64_t seed = 0;
  int shards = 1;
  std::vector<std::string> log_dirs;
  std::vector<broker::property> settings;
  disturbances trouble;
  runtime::simulated::simulation_options world;
};

struct plan : broker_plan {
  int partitions = 1;
  int client_machines = 1;
  int value_bytes = 0;  // at most, beside what identifies a record
  bool auto_creates_topic = false;
  bool rolls_segments = false;
  std::vector<producer_plan> producers;
  std::vector<reader_plan> readers;
};

plan make_plan(std::uint64_t seed);
// One line for a person.
std::string to_text(const plan& plan);
std::string to_text(const disturbances& trouble);

template <class T>
T one_of(runtime::simulated::seeded_random& random, std::initializer_list<T> values) {
  return values.begin()[random.below(values.size())];
}
inline int between(runtime::simulated::seeded_random& random, int least, int most) {
  return static_cast<int>(random.between(std::int64_t{least}, std::int64_t{most}));
}

}  // namespace barnabas::trial
