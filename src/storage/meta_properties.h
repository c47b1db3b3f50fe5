// meta.properties of a log directory: to which cluster and broker it belongs. Java's properties
// format. Version 0 (Kafka with ZooKeeper): version=0, broker.id, cluster.id. Version 1 (KRaft):
// version=1, node.id, cluster.id. Both may carry directory.id (KIP-858). Keys that we do not know
// are kept when the file is written again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "runtime/file_system.h"

namespace barnabas::storage {

inline constexpr std::string_view meta_properties_name = "meta.properties";

struct meta_properties {
  int version = 0;
  std::optional<std::string> cluster_id;
  std::optional<std::int32_t> broker_id;
  std::optional<uuid> directory_id;
  std::map<std::string, std::string> others;

  bool operator==(const meta_properties&) const = default;
};

// KAFKA_STORAGE_ERROR naming `path` and the line when a value is not what its key demands or the
// version is neither 0 nor 1. Version 1 must have both ids, as Kafka demands.
result<meta_properties> parse_meta_properties(std::string_view text, std::string_view path);
std::string format_meta_properties(const meta_properties& properties);

// Nothing when the folder has none.
result<std::optional<meta_properties>> read_meta_properties(runtime::file_system& files,
                                                            const std::string& folder);
// Durable and whole.
result<> write_meta_properties(runtime::file_system& files, const std::string& folder,
                               const meta_properties& properties);

}  // namespace barnabas::storage
