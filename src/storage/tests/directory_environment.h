// What the tests of the log manager share: a real world with a temporary folder, a registry of
// topics, batches, and a way to run a coroutine as a test. Scenarios are free coroutines; must()
// ends one by an exception.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "runtime/real_world.h"
#include "runtime/task.h"
#include "storage/log_manager.h"

namespace barnabas::storage::testing {

template <class T>
T must(result<T> outcome) {
  if (!outcome) {
    throw std::runtime_error("unexpected error: " + outcome.error().message);
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*outcome);
  }
}

// One batch of `records` small records, as a client sends it.
inline std::vector<std::byte> batch_of(int records, std::int64_t timestamp = 1'000,
                                       std::size_t value_bytes = 20) {
  record::batch_builder builder({});
  const std::string value(value_bytes, 'v');
  for (int i = 0; i < records; ++i) {
    builder.append({.timestamp = timestamp + i, .value = as_bytes(value)});
  }
  return builder.build();
}

inline result<append_info> append(managed_log& log, std::vector<std::byte> batch) {
  return log.log->append_as_leader(batch, 0, record::origin::client, 1'000);
}

// All batches that a reader finds, as bytes.
inline std::string text_of(storage::log& log) {
  std::string text;
  for (std::int64_t next = log.log_start_offset(); next < log.log_end_offset();) {
    const auto found = must(log.read({.start_offset = next, .max_bytes = 1 << 20}));
    if (found.empty()) {
      break;
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(found.slice.length));
    must(found.slice.source->read_at(bytes, found.slice.offset));
    record::batches all(bytes);
    for (const record::batch_view batch : all) {
      text += as_text(batch.bytes());
      next = batch.next_offset();
    }
  }
  return text;
}

// Knows the topics of `ids`; a partition lives on the shard of its number.
struct known_topics final : partition_registry {
  std::map<std::string, uuid> ids;
  std::shared_ptr<const log_config> config = std::make_shared<log_config>();
  int shards = 1;

  std::optional<uuid> topic_id_of(const topic_partition& partition) const override {
    const auto at = ids.find(partition.topic);
    return at == ids.end() ? std::nullopt : std::optional(at->second);
  }
  std::shared_ptr<const log_config> config_of(const std::string&) const override { return config; }
  int shard_of(const topic_partition& partition) const override {
    return partition.partition % shards;
  }
};

struct environment {
  explicit environment(runtime::world& in) : world(in) { topics.shards = in.shard_count(); }

  runtime::world& world;
  std::string folder;  // temporary
  log_manager_options options;
  known_topics topics;
  directory_identity identity{"test-cluster-id-22char", 1};

  uuid topic_id(const std::string& topic) {
    return topics.ids.emplace(topic, uuid::from_random(7, topics.ids.size() + 1)).first->second;
  }
  void use_directories(int count) {
    options.directories.clear();
    for (int i = 0; i < count; ++i) {
      options.directories.push_back(folder + "/data" + std::to_string(i));
    }
  }
  std::string path(const std::string& name) const {
    return options.directories.front() + '/' + name;
  }
};

// Claims and starts; throws when that fails.
inline runtime::task<std::unique_ptr<log_manager>> started(environment& in,
                                                           start_report* report = nullptr) {
  auto manager = std::make_unique<log_manager>(in.world, in.options);
  must(co_await manager->claim());
  auto begun = must(co_await manager->start(in.identity, in.topics));
  if (report != nullptr) {
    *report = std::move(begun);
  }
  co_return manager;
}

inline runtime::task<managed_log*> new_log(environment& in, log_manager& manager,
                                           topic_partition partition) {
  const uuid id = in.topic_id(partition.topic);
  co_return must(co_await manager.create_log(std::move(partition), id, in.topics.config));
}

inline runtime::task<int> guarded(runtime::task<> work) {
  try {
    co_await std::move(work);
  } catch (const std::exception& thrown) {
    ADD_FAILURE() << thrown.what();
  }
  co_return 0;
}

// Runs the scenario on shard 0 of a real world, over an empty temporary folder.
template <class Scenario>
void in_real_world(Scenario scenario, int shards = 1, int directories = 1) {
  runtime::real_world world({.shards = shards, .pin_threads = false});
  environment environment(world);
  std::string pattern =
      (std::filesystem::temp_directory_path() / "barnabas-storage-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  environment.folder = pattern;
  environment.use_directories(directories);
  world.run(guarded(scenario(environment)));
  std::filesystem::remove_all(pattern);
}

}  // namespace barnabas::storage::testing
