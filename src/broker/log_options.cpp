#include "broker/log_options.h"

namespace barnabas::broker {

storage::cleaner_options read_cleaner_options(const setting_reader& in) {
  storage::cleaner_options cleaner;
  cleaner.is_enabled = in.is_on("log.cleaner.enable");
  cleaner.threads = in.number32("log.cleaner.threads");
  cleaner.map_bytes = in.number("log.cleaner.dedupe.buffer.size");
  cleaner.map_load_factor = in.real("log.cleaner.io.buffer.load.factor");
  cleaner.buffer_bytes = in.number("log.cleaner.io.buffer.size");
  cleaner.max_bytes_per_second = in.real("log.cleaner.io.max.bytes.per.second");
  cleaner.backoff = std::chrono::milliseconds(in.number("log.cleaner.backoff.ms"));
  return cleaner;
}

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
  options.cleaner = read_cleaner_options(in);
  return options;
}

}  // namespace barnabas::broker
