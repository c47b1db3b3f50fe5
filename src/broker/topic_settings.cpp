#include "broker/topic_settings.h"

#include <algorithm>

#include "broker/setting_reader.h"

namespace barnabas::broker {
namespace {

// A batch that must be opened holds no more than this: a larger one (a bomb) is refused before it
// has kept the shard for a third of a second.
constexpr std::size_t max_decompressed_batch_bytes = std::size_t{64} << 20;

std::shared_ptr<storage::log_config> log_config_of(const setting_reader& in) {
  auto out = std::make_shared<storage::log_config>();
  out->segment_bytes = in.number("segment.bytes");
  out->segment_ms = in.number("segment.ms");
  out->segment_jitter_ms = in.number("segment.jitter.ms");
  out->segment_index_bytes = in.number("segment.index.bytes");
  out->index_interval_bytes = in.number("index.interval.bytes");
  out->retention_bytes = in.number("retention.bytes");
  out->retention_ms = in.number("retention.ms");
  const std::vector<std::string> policy = in.list("cleanup.policy");
  const auto has = [&](std::string_view word) {
    return std::ranges::find(policy, word) != policy.end();
  };
  out->is_cleanup_delete = has("delete");
  out->is_cleanup_compact = has("compact");
  out->min_cleanable_dirty_ratio = in.real("min.cleanable.dirty.ratio");
  out->min_compaction_lag_ms = in.number("min.compaction.lag.ms");
  out->max_compaction_lag_ms = in.number("max.compaction.lag.ms");
  out->delete_retention_ms = in.number("delete.retention.ms");
  out->file_delete_delay_ms = in.number("file.delete.delay.ms");
  out->flush_messages = in.number("flush.messages");
  out->flush_ms = in.number("flush.ms");
  out->is_preallocated = in.is_on("preallocate");
  return out;
}

std::optional<record::compression_choice> compression_of(const setting_reader& in) {
  const std::string type = in.text("compression.type");
  record::compression_choice choice;
  if (type == "producer") {
    return std::nullopt;
  }
  if (type == "gzip") {
    choice.type = record::compression_type::gzip;
    choice.level = in.number32("compression.gzip.level");
  } else if (type == "snappy") {
    choice.type = record::compression_type::snappy;
  } else if (type == "lz4") {
    choice.type = record::compression_type::lz4;
    choice.level = in.number32("compression.lz4.level");
  } else if (type == "zstd") {
    choice.type = record::compression_type::zstd;
    choice.level = in.number32("compression.zstd.level");
  } else {
    choice.type = record::compression_type::none;  // "uncompressed"
  }
  return choice;
}

record::validation_limits limits_of(const setting_reader& in, const storage::log_config& log) {
  record::validation_limits out;
  out.max_message_bytes = static_cast<std::size_t>(in.number("max.message.bytes"));
  out.max_total_bytes = static_cast<std::size_t>(log.segment_bytes);
  if (in.text("message.timestamp.type") == "LogAppendTime") {
    out.timestamp_type = record::timestamp_type::log_append_time;
  }
  out.before_max_ms = in.number("message.timestamp.before.max.ms");
  out.after_max_ms = in.number("message.timestamp.after.max.ms");
  out.is_compacted = log.is_cleanup_compact;
  out.reading.max_batch_bytes = max_decompressed_batch_bytes;
  out.compression = compression_of(in);
  return out;
}

}  // namespace

std::shared_ptr<const topic_settings> make_topic_settings(const cluster::overrides& topic,
                                                          const broker_settings& broker) {
  const setting_reader in(topic, broker);
  auto out = std::make_shared<topic_settings>();
  auto log = log_config_of(in);
  log->producer_expiration_ms = setting_reader(broker).number("producer.id.expiration.ms");
  out->log = std::move(log);
  out->validation = limits_of(in, *out->log);
  out->min_insync_replicas = in.number32("min.insync.replicas");
  return out;
}

}  // namespace barnabas::broker
