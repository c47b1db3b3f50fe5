#include "broker/detail/dynamic_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "broker/connection_settings.h"
#include "broker/setting_reader.h"

namespace barnabas::broker::detail {
namespace {

// Dynamic in Kafka.
bool is_taken_at_the_start(std::string_view name) {
  return name == "advertised.listeners" || name == "listener.security.protocol.map" ||
         name == "listeners" || name.starts_with("ssl.");
}

struct bounds {
  std::string_view key;
  std::string_view lowest;  // names of the broker's settings
  std::string_view highest;
};
constexpr std::array<bounds, 9> bounds_of_groups{{
    {"consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms",
     "group.consumer.max.assignment.interval.ms"},
    {"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms",
     "group.consumer.max.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms",
     "group.consumer.max.session.timeout.ms"},
    {"share.delivery.count.limit", "group.share.min.delivery.count.limit",
     "group.share.max.delivery.count.limit"},
    {"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms",
     "group.share.max.heartbeat.interval.ms"},
    {"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms",
     "group.share.max.record.lock.duration.ms"},
    {"share.session.timeout.ms", "group.share.min.session.timeout.ms",
     "group.share.max.session.timeout.ms"},
    {"streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms",
     "group.streams.max.heartbeat.interval.ms"},
    {"streams.session.timeout.ms", "group.streams.min.session.timeout.ms",
     "group.streams.max.session.timeout.ms"},
}};

result<> check_group(const cluster::config_edit& edit, const broker_settings& broker) {
  const auto at = std::ranges::find(bounds_of_groups, edit.key, &bounds::key);
  std::int64_t value = 0;
  const std::string_view text = *edit.value;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (at == bounds_of_groups.end() || problem != std::errc() || end != text.data() + text.size()) {
    return {};  // what is not a number is refused by the table
  }
  const setting_reader in(broker);
  if (value < in.number(at->lowest) || value > in.number(at->highest)) {
    return fail(
        error_code::invalid_config,
        fmt::format("{}={}: allowed is {} ({}) to {} ({})", edit.key, text, in.number(at->lowest),
                    at->lowest, in.number(at->highest), at->highest));
  }
  return {};
}

result<> check_cordoned(const cluster::config_edit& edit, const broker_settings& broker) {
  const std::vector<std::string> known = setting_reader(broker).list("log.dirs");
  for (const std::string& path : elements_of_list(*edit.value)) {
    if (path != "*" && std::ranges::find(known, path) == known.end()) {
      return fail(error_code::invalid_request,
                  fmt::format("{}={}: {} is none of log.dirs", edit.key, *edit.value, path));
    }
  }
  return {};
}

// As Kafka resizes its pools of threads.
result<> check_threads(const cluster::config_edit& edit, const broker_settings& broker) {
  const std::int64_t now = setting_reader(broker).number(edit.key);
  std::int64_t wanted = 0;
  const std::string_view text = *edit.value;
  std::from_chars(text.data(), text.data() + text.size(), wanted);
  if (wanted < 1 || wanted < now / 2 || wanted > now * 2) {
    return fail(
        error_code::invalid_request,
        fmt::format("{}={}: at least 1, and at most twice and at least half of the {} there "
                    "are now",
                    edit.key, text, now));
  }
  return {};
}

result<> check_broker(const cluster::config_edit& edit, const broker_settings& broker) {
  if (is_taken_at_the_start(without_listener(edit.key))) {
    return fail(error_code::invalid_request, edit.key + " is taken up when this broker starts");
  }
  if (edit.key == "log.cleaner.threads") {
    return check_threads(edit, broker);
  }
  if (edit.key == "cordoned.log.dirs") {
    return check_cordoned(edit, broker);
  }
  if (edit.key == per_ip_overrides_key) {
    if (auto overrides = parse_per_ip_overrides(*edit.value); !overrides) {
      return fail(error_code::invalid_request, overrides.error().message);
    }
  }
  return {};
}

}  // namespace

result<> check_dynamic(const cluster::config_change& change, const broker_settings& broker) {
  for (const cluster::config_edit& edit : change.edits) {
    if (edit.operation != cluster::config_operation::set || !edit.value) {
      continue;
    }
    if (change.scope == cluster::config_scope::group) {
      if (auto fits = check_group(edit, broker); !fits) {
        return fits;
      }
    } else if (change.scope == cluster::config_scope::broker) {
      if (auto fits = check_broker(edit, broker); !fits) {
        return fits;
      }
    }
  }
  return {};
}

}  // namespace barnabas::broker::detail
