#include <fmt/format.h>

#include <charconv>

#include "cluster/detail/znodes.h"

namespace barnabas::cluster::detail::znodes {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

}  // namespace

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

std::string sanitized(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string desanitized(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    unsigned code = 0;
    const std::string_view digits = name.substr(i + 1, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (name[i] == '%' && digits.size() == 2 && read.ptr == digits.data() + 2) {
      out += static_cast<char>(code);
      i += 2;
    } else {
      out += name[i];
    }
  }
  return out;
}

}  // namespace barnabas::cluster::detail::znodes
