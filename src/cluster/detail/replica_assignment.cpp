#include "cluster/detail/replica_assignment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace barnabas::cluster::detail {

result<replica_lists> spread_replicas(const std::vector<std::int32_t>& brokers,
                                      std::int32_t partitions, std::int32_t replication_factor,
                                      std::uint64_t random, std::int32_t existing) {
  const std::size_t count = brokers.size();
  if (replication_factor < 1) {
    return fail(error_code::invalid_replication_factor,
                fmt::format("replication factor {}: a partition needs at least 1 replica",
                            replication_factor));
  }
  if (static_cast<std::size_t>(replication_factor) > count) {
    return fail(error_code::invalid_replication_factor,
                fmt::format("replication factor {} is more than the {} broker(s) there are",
                            replication_factor, count));
  }
  const std::size_t start = random % count;
  std::size_t shift = (random >> 32) % count;
  replica_lists lists;
  for (std::int32_t i = 0; i < partitions; ++i) {
    const std::size_t number = static_cast<std::size_t>(existing) + static_cast<std::size_t>(i);
    if (number > 0 && number % count == 0) {
      ++shift;
    }
    const std::size_t first = (number + start) % count;
    std::vector<std::int32_t> replicas = {brokers[first]};
    for (std::size_t follower = 0; follower + 1 < static_cast<std::size_t>(replication_factor);
         ++follower) {
      replicas.push_back(brokers[(first + 1 + (shift + follower) % (count - 1)) % count]);
    }
    lists.push_back(std::move(replicas));
  }
  return lists;
}

result<> check_replicas(const replica_lists& replicas, const image& image) {
  for (const auto& list : replicas) {
    const auto refuse = [&](std::string_view why) {
      return fail(error_code::invalid_replica_assignment,
                  fmt::format("replicas [{}]: {}", fmt::join(list, ","), why));
    };
    if (list.empty()) {
      return refuse("a partition needs at least 1 replica");
    }
    if (std::set(list.begin(), list.end()).size() != list.size()) {
      return refuse("a broker is named twice");
    }
    if (list.size() != replicas.front().size()) {
      return refuse("other partitions have another number of replicas");
    }
    for (const std::int32_t id : list) {
      if (!image.find_broker(id)) {
        return refuse(fmt::format("there is no broker {}", id));
      }
    }
  }
  return {};
}

}  // namespace barnabas::cluster::detail
