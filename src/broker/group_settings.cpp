#include "broker/group_settings.h"

#include "broker/setting_reader.h"

namespace barnabas::broker {

group::settings group_settings(const server_config& config) {
  constexpr std::int64_t minute_ms = 60'000;
  const setting_reader in(broker_settings{.given = &config.values});
  group::settings out;
  const auto read = [&in](std::string_view key, auto& into) {
    into = static_cast<std::remove_reference_t<decltype(into)>>(in.number(key));
  };
  read("group.min.session.timeout.ms", out.min_session_timeout_ms);
  read("group.max.session.timeout.ms", out.max_session_timeout_ms);
  read("group.max.size", out.max_size);
  read("group.initial.rebalance.delay.ms", out.initial_rebalance_delay_ms);
  read("offset.metadata.max.bytes", out.offset_metadata_max_bytes);
  read("offsets.retention.check.interval.ms", out.retention_check_interval_ms);
  read("message.max.bytes", out.max_batch_bytes);
  out.offsets_retention_ms = minute_ms * in.number("offsets.retention.minutes");
  return out;
}

}  // namespace barnabas::broker
