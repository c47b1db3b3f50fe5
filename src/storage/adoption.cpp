#include "storage/adoption.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "storage/partition_metadata.h"

namespace barnabas::storage {
namespace {

constexpr std::size_t most_named = 5;

std::string name_some(const std::set<std::string>& names) {
  std::string text;
  std::size_t count = 0;
  for (const auto& name : names) {
    if (count++ == most_named) {
      return fmt::format("{} and {} more", text, names.size() - most_named);
    }
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

result<> add_partition(adopted_topic& topic, const unknown_partition& found,
                       const std::optional<uuid>& id) {
  if (id && !topic.topic_id.is_zero() && *id != topic.topic_id) {
    return fail(
        error_code::kafka_storage_error,
        fmt::format("partition {} in {} belongs to topic id {}, but other partitions of {} to {}",
                    found.partition.to_string(), found.directory, id->to_string(), topic.topic,
                    topic.topic_id.to_string()));
  }
  if (id) {
    topic.topic_id = *id;
  }
  topic.partitions.push_back({found.partition.partition, found.directory});
  return {};
}

}  // namespace

error refuse_unknown(const std::vector<unknown_partition>& unknown) {
  std::set<std::string> directories;
  std::set<std::string> topics;
  for (const auto& found : unknown) {
    directories.insert(found.directory);
    topics.insert(found.partition.topic);
  }
  return {error_code::kafka_storage_error,
          fmt::format(
              "log directory {} holds {} partitions that the metastore does not know, of topic {}; "
              "start once "
              "with --adopt to take them over with their topic ids, or use another log directory",
              name_some(directories), unknown.size(), name_some(topics))};
}

result<std::vector<adopted_topic>> describe_unknown(runtime::file_system& files,
                                                    const std::vector<unknown_partition>& unknown) {
  std::map<std::string, adopted_topic> topics;
  for (const auto& found : unknown) {
    const auto id =
        read_partition_metadata(files, found.directory + '/' + found.partition.to_string());
    if (!id) {
      return std::unexpected(id.error());
    }
    adopted_topic& topic = topics[found.partition.topic];
    topic.topic = found.partition.topic;
    if (auto added = add_partition(topic, found, *id); !added) {
      return std::unexpected(added.error());
    }
  }
  std::vector<adopted_topic> sorted;
  for (auto& [name, topic] : topics) {
    std::ranges::sort(topic.partitions, {}, &adopted_topic::partition::index);
    sorted.push_back(std::move(topic));
  }
  return sorted;
}

}  // namespace barnabas::storage
