// The names of the folders in a log directory. Kafka's forms:
//   topic "-" partition                          a partition
//   topic "-" partition "." id "-delete"         renamed by a deletion, to be removed
//   topic "-" partition "." id "-future"         being copied from another directory
//   topic "-" partition "." id "-stray"          set aside: belongs to no present partition
// id is 32 hex digits; with a suffix the topic is cut so that the name has at most 255 characters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/topic_partition.h"
#include "base/uuid.h"

namespace barnabas::storage {

enum class folder_kind : std::uint8_t { partition, deleted, future, stray };

struct folder_name {
  folder_kind kind = folder_kind::partition;
  topic_partition partition;  // the topic may be cut short unless kind is partition
};

// Nothing when the folder is not one of Kafka's.
std::optional<folder_name> parse_folder_name(std::string_view name);
// The name of the folder after it was set aside as `kind`, which is not partition; `id` makes it
// unique.
std::string aside_folder_name(const topic_partition& partition, folder_kind kind, const uuid& id);

}  // namespace barnabas::storage
