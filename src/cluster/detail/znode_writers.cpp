#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cluster/detail/znodes.h"

namespace barnabas::cluster::detail::znodes {
namespace {

// A JSON string, escaped as Jackson does.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04X}", c);
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string list_of(const broker_ids& ids) {
  return fmt::format("[{}]", fmt::join(ids.view(), ","));
}

std::string url_of(const broker_endpoint& endpoint) {
  const bool is_v6 = endpoint.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(is_v6 ? "{}://[{}]:{}" : "{}://{}:{}"), endpoint.listener,
                     endpoint.host, endpoint.port);
}

// {"0":[1,2],...} of the partitions of a reassignment.
std::string reassigned(const topic& topic, broker_ids topic::reassignment::* which) {
  std::vector<std::string> entries;
  for (const auto& [index, change] : topic.reassignments) {
    if (!(change.*which).empty()) {
      entries.push_back(fmt::format("\"{}\":{}", index, list_of(change.*which)));
    }
  }
  return fmt::format("{{{}}}", fmt::join(entries, ","));
}

}  // namespace

std::string write_broker(const broker& broker, std::int64_t now_ms) {
  std::vector<std::string> protocols;
  std::vector<std::string> urls;
  for (const broker_endpoint& one : broker.endpoints) {
    protocols.push_back(quoted(one.listener) + ':' + quoted(one.security_protocol));
    urls.push_back(quoted(url_of(one)));
  }
  // Old clients of the node want one host and port; only a plain listener is named there.
  const auto plain =
      std::ranges::find(broker.endpoints, "PLAINTEXT", &broker_endpoint::security_protocol);
  const bool has_plain = plain != broker.endpoints.end();
  return fmt::format(
      R"({{"features":{{}},"listener_security_protocol_map":{{{}}},"endpoints":[{}],)"
      R"({}"jmx_port":-1,"port":{},"host":{},"version":5,"timestamp":"{}"}})",
      fmt::join(protocols, ","), fmt::join(urls, ","),
      broker.rack ? "\"rack\":" + quoted(*broker.rack) + ',' : "", has_plain ? plain->port : -1,
      has_plain ? quoted(plain->host) : "null", now_ms);
}

std::string write_controller(std::int32_t broker_id, std::int64_t now_ms) {
  return fmt::format(R"({{"version":2,"brokerid":{},"timestamp":"{}","kraftControllerEpoch":-1}})",
                     broker_id, now_ms);
}

std::string write_cluster_id(std::string_view id) {
  return fmt::format(R"({{"version":"1","id":{}}})", quoted(id));
}

std::string write_feature() {
  return R"({"features":{},"version":2,"status":1})";
}

std::string write_topic(const topic& topic) {
  std::string partitions;
  for (std::size_t index = 0; index < topic.partitions.size(); ++index) {
    fmt::format_to(std::back_inserter(partitions), "{}\"{}\":[{}]", index == 0 ? "" : ",", index,
                   fmt::join(topic.partitions[index].replicas.view(), ","));
  }
  return fmt::format(R"({{"partitions":{{{}}},"topic_id":"{}","adding_replicas":{},)"
                     R"("removing_replicas":{},"version":3}})",
                     partitions, topic.id.to_string(),
                     reassigned(topic, &topic::reassignment::adding),
                     reassigned(topic, &topic::reassignment::removing));
}

std::string write_state(const partition& partition) {
  return fmt::format(
      R"({{"controller_epoch":{},"leader":{},"version":1,"leader_epoch":{},"isr":{}}})",
      partition.controller_epoch, partition.leader, partition.leader_epoch, list_of(partition.isr));
}

std::string write_config(const overrides& config) {
  std::vector<std::string> entries;
  for (const auto& [key, value] : config) {
    entries.push_back(quoted(key) + ':' + quoted(value));
  }
  return fmt::format(R"({{"version":1,"config":{{{}}}}})", fmt::join(entries, ","));
}

std::string write_config_change(std::string_view entity) {
  return fmt::format(R"({{"version":2,"entity_path":{}}})", quoted(entity));
}

std::string write_producer_ids(std::int32_t broker_id, const producer_id_range& range) {
  return fmt::format(R"({{"version":1,"broker":{},"block_start":"{}","block_end":"{}"}})",
                     broker_id, range.first, range.last);
}

}  // namespace barnabas::cluster::detail::znodes
