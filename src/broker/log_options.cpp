#include "broker/log_options.h"

#include <charconv>

namespace barnabas::broker {

std::string text_setting(const server_config& config, const std::string& key,
                         std::string_view otherwise) {
  const auto given = config.values.find(key);
  return given == config.values.end() ? std::string(otherwise) : given->second;
}

std::int64_t number_setting(const server_config& config, const std::string& key,
                            std::int64_t otherwise) {
  const std::string text = text_setting(config, key, "");
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

storage::log_manager_options make_log_manager_options(const server_config& config) {
  storage::log_manager_options options;
  options.directories = config.log_dirs;
  options.adopt = config.adopts;
  options.concurrent_opens = config.file_threads;
  options.producer_expiration_ms =
      number_setting(config, "producer.id.expiration.ms", options.producer_expiration_ms);
  const auto interval = [&config](const std::string& key, std::chrono::milliseconds& into) {
    into = std::chrono::milliseconds(number_setting(config, key, into.count()));
  };
  interval("log.retention.check.interval.ms", options.retention_check_interval);
  interval("log.flush.offset.checkpoint.interval.ms", options.recovery_point_checkpoint_interval);
  interval("log.flush.start.offset.checkpoint.interval.ms", options.log_start_checkpoint_interval);
  interval("replica.high.watermark.checkpoint.interval.ms",
           options.high_watermark_checkpoint_interval);
  interval("producer.id.expiration.check.interval.ms", options.producer_expiration_check_interval);
  return options;
}

}  // namespace barnabas::broker
