// Settings of the log manager, under Kafka's names.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "storage/cleaner.h"

namespace barnabas::storage {

struct log_manager_options {
  std::vector<std::string> directories;  // log.dirs, at least one
  bool adopt = false;                    // take over partitions that the metastore does not know
  std::chrono::milliseconds retention_check_interval{300'000};  // log.retention.check.interval.ms
  std::chrono::milliseconds recovery_point_checkpoint_interval{
      60'000};  // log.flush.offset.checkpoint.interval.ms
  std::chrono::milliseconds log_start_checkpoint_interval{
      60'000};  // log.flush.start.offset.checkpoint.interval.ms
  std::chrono::milliseconds high_watermark_checkpoint_interval{
      5'000};  // replica.high.watermark.checkpoint.interval.ms
  std::chrono::milliseconds producer_expiration_check_interval{
      600'000};  // producer.id.expiration.check.interval.ms
  // A log that was not appended to between two looks gives back its open files.
  std::chrono::milliseconds idle_check_interval{20'000};
  cleaner_options cleaner;
  int concurrent_opens = 4;  // blocking calls in flight while logs are opened or closed
};

}  // namespace barnabas::storage
