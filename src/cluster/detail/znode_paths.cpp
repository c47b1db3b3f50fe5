#include <fmt/format.h>

#include "cluster/detail/znodes.h"

namespace barnabas::cluster::detail::znodes {

const std::vector<std::string>& fixed_paths() {
  static const std::vector<std::string> paths = {"/admin",
                                                 "/admin/delete_topics",
                                                 "/brokers",
                                                 "/brokers/ids",
                                                 "/brokers/seqid",
                                                 "/brokers/topics",
                                                 "/cluster",
                                                 "/config",
                                                 "/config/brokers",
                                                 "/config/changes",
                                                 "/config/clients",
                                                 "/config/ips",
                                                 "/config/topics",
                                                 "/config/users",
                                                 "/consumers",
                                                 "/isr_change_notification",
                                                 "/latest_producer_id_block",
                                                 "/log_dir_event_notification"};
  return paths;
}

std::string path_in(std::string_view folder, std::string_view name) {
  return fmt::format("{}/{}", folder, name);
}
std::string broker_path(std::int32_t id) {
  return fmt::format("{}/{}", broker_ids_path, id);
}
std::string topic_path(std::string_view topic) {
  return path_in(topics_path, topic);
}
std::string partitions_path(std::string_view topic) {
  return topic_path(topic) + "/partitions";
}
std::string partition_path(std::string_view topic, std::int32_t index) {
  return fmt::format("{}/{}/partitions/{}", topics_path, topic, index);
}
std::string state_path(std::string_view topic, std::int32_t index) {
  return partition_path(topic, index) + "/state";
}

}  // namespace barnabas::cluster::detail::znodes
