#include "broker/log_options.h"

#include "broker/setting_reader.h"

namespace barnabas::broker {

storage::log_manager_options make_log_manager_options(const server_config& config) {
  const setting_reader in(broker_settings{.given = &config.values});
  const auto interval = [&in](std::string_view key) {
    return std::chrono::milliseconds(in.number(key));
  };
  storage::log_manager_options options;
  options.directories = config.log_dirs;
  options.adopt = config.adopts;
  options.concurrent_opens = config.file_threads;
  options.retention_check_interval = interval("log.retention.check.interval.ms");
  options.recovery_point_checkpoint_interval = interval("log.flush.offset.checkpoint.interval.ms");
  options.log_start_checkpoint_interval = interval("log.flush.start.offset.checkpoint.interval.ms");
  options.high_watermark_checkpoint_interval =
      interval("replica.high.watermark.checkpoint.interval.ms");
  return options;
}

}  // namespace barnabas::broker
