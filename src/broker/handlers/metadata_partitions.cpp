#include "broker/handlers/metadata_partitions.h"

namespace barnabas::broker::handlers {

error_code leader_problem(const cluster::image& image, const cluster::partition& partition,
                          std::string_view listener) {
  const cluster::broker* leader = image.find_broker(partition.leader);
  if (leader == nullptr) {
    return error_code::leader_not_available;
  }
  return leader->endpoint(listener) == nullptr ? error_code::listener_not_found : error_code::none;
}

std::vector<std::int32_t> offline_replicas(const cluster::image& image,
                                           const cluster::partition& partition) {
  std::vector<std::int32_t> offline;
  for (const std::int32_t id : partition.replicas) {
    // A broker that lives but cannot lead alone has lost its log directory.
    const bool is_lost = partition.leader == cluster::no_leader && partition.replicas.size() == 1;
    if (image.find_broker(id) == nullptr || is_lost) {
      offline.push_back(id);
    }
  }
  return offline;
}

}  // namespace barnabas::broker::handlers
