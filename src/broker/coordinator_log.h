// coordinator::partition_log over a partition of this broker: appends as the coordinator that it
// is, waits by the rule of acknowledgement, reads up to the log end. On the partition's owner
// shard.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/partition_directory.h"
#include "coordinator/partition_log.h"
#include "replica/partition.h"

namespace barnabas::broker {

class coordinator_log final : public coordinator::partition_log {
 public:
  // How internal topics are written: the rule, and the compression where the topic has none of its
  // own.
  struct rules {
    replica::acknowledgement acknowledge = replica::acknowledgement::replicated_or_disk;
    record::compression_choice compression;
  };
  // Settings of the topic as they stand now.
  using settings_source = std::function<std::shared_ptr<const topic_settings>()>;

  coordinator_log(partition_ptr partition, settings_source settings, rules how)
      : partition_(std::move(partition)), settings_(std::move(settings)), rules_(how) {}

  std::string name() const override { return partition_->name().to_string(); }
  std::int32_t leader_epoch() const override;
  std::int64_t log_start_offset() const override;
  std::int64_t log_end_offset() const override;
  coordinator::log_limits limits() const override;
  runtime::task<result<coordinator::appended>> append(std::vector<std::byte> batches) override;
  runtime::task<result<>> wait_committed(coordinator::appended what) override;
  runtime::task<result<std::vector<std::byte>>> read(std::int64_t offset) override;

 private:
  partition_ptr partition_;
  settings_source settings_;
  rules rules_;
};

}  // namespace barnabas::broker
