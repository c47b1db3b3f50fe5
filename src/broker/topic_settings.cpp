#include "broker/topic_settings.h"

#include <charconv>
#include <limits>

namespace barnabas::broker {
namespace {

constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::int64_t ms_per_hour = 3'600'000;

// A batch that must be opened holds no more than this: a larger one (a bomb) is refused before it
// has kept the shard for a third of a second.
constexpr std::size_t max_decompressed_batch_bytes = std::size_t{64} << 20;

// Values have been checked when they were set, so a bad one cannot come here; it would be the
// default.
std::int64_t to_number(const std::string& text, std::int64_t otherwise) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

// A broker setting that a topic setting falls back to, with the unit it is given in.
struct fallback {
  std::string_view key;
  std::int64_t unit = 1;
};

class reader {
 public:
  reader(const cluster::overrides& topic, const broker_setting_lookup& broker)
      : topic_(topic), broker_(broker) {}

  std::string text(std::string_view key, std::string_view broker_key,
                   std::string_view otherwise) const {
    if (const auto own = topic_.find(key); own != topic_.end()) {
      return own->second;
    }
    return broker_(broker_key).value_or(std::string(otherwise));
  }
  std::int64_t number(std::string_view key, std::initializer_list<fallback> fallbacks,
                      std::int64_t otherwise) const {
    if (const auto own = topic_.find(key); own != topic_.end()) {
      return to_number(own->second, otherwise);
    }
    for (const fallback& each : fallbacks) {
      if (const auto given = broker_(each.key)) {
        const std::int64_t value = to_number(*given, otherwise);
        return value < 0 ? value : value * each.unit;
      }
    }
    return otherwise;
  }

 private:
  const cluster::overrides& topic_;
  const broker_setting_lookup& broker_;
};

bool contains_word(std::string_view list, std::string_view word) {
  return list.find(word) != std::string_view::npos;
}

std::shared_ptr<const storage::log_config> log_config_of(const reader& in) {
  auto out = std::make_shared<storage::log_config>();
  out->segment_bytes = in.number("segment.bytes", {{"log.segment.bytes"}}, out->segment_bytes);
  out->segment_ms =
      in.number("segment.ms", {{"log.roll.ms"}, {"log.roll.hours", ms_per_hour}}, out->segment_ms);
  out->segment_jitter_ms = in.number(
      "segment.jitter.ms", {{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", ms_per_hour}},
      out->segment_jitter_ms);
  out->segment_index_bytes =
      in.number("segment.index.bytes", {{"log.index.size.max.bytes"}}, out->segment_index_bytes);
  out->index_interval_bytes =
      in.number("index.interval.bytes", {{"log.index.interval.bytes"}}, out->index_interval_bytes);
  out->retention_bytes =
      in.number("retention.bytes", {{"log.retention.bytes"}}, out->retention_bytes);
  out->retention_ms = in.number("retention.ms",
                                {{"log.retention.ms"},
                                 {"log.retention.minutes", ms_per_minute},
                                 {"log.retention.hours", ms_per_hour}},
                                out->retention_ms);
  const std::string policy = in.text("cleanup.policy", "log.cleanup.policy", "delete");
  out->is_cleanup_delete = contains_word(policy, "delete");
  out->is_cleanup_compact = contains_word(policy, "compact");
  out->file_delete_delay_ms = in.number("file.delete.delay.ms", {{"log.segment.delete.delay.ms"}},
                                        out->file_delete_delay_ms);
  out->flush_messages =
      in.number("flush.messages", {{"log.flush.interval.messages"}}, out->flush_messages);
  out->flush_ms = in.number(
      "flush.ms", {{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}}, out->flush_ms);
  out->is_preallocated = in.text("preallocate", "log.preallocate", "false") == "true";
  return out;
}

std::optional<record::compression_choice> compression_of(const reader& in) {
  const std::string type = in.text("compression.type", "compression.type", "producer");
  record::compression_choice choice;
  if (type == "producer") {
    return std::nullopt;
  }
  if (type == "gzip") {
    choice.type = record::compression_type::gzip;
    choice.level =
        static_cast<int>(in.number("compression.gzip.level", {{"compression.gzip.level"}}, -1));
  } else if (type == "snappy") {
    choice.type = record::compression_type::snappy;
  } else if (type == "lz4") {
    choice.type = record::compression_type::lz4;
    choice.level =
        static_cast<int>(in.number("compression.lz4.level", {{"compression.lz4.level"}}, 9));
  } else if (type == "zstd") {
    choice.type = record::compression_type::zstd;
    choice.level =
        static_cast<int>(in.number("compression.zstd.level", {{"compression.zstd.level"}}, 3));
  } else {
    choice.type = record::compression_type::none;  // "uncompressed"
  }
  return choice;
}

record::validation_limits limits_of(const reader& in, const storage::log_config& log) {
  record::validation_limits out;
  out.max_message_bytes =
      static_cast<std::size_t>(in.number("max.message.bytes", {{"message.max.bytes"}},
                                         static_cast<std::int64_t>(out.max_message_bytes)));
  out.max_total_bytes = static_cast<std::size_t>(log.segment_bytes);
  if (in.text("message.timestamp.type", "log.message.timestamp.type", "CreateTime") ==
      "LogAppendTime") {
    out.timestamp_type = record::timestamp_type::log_append_time;
  }
  out.before_max_ms = in.number("message.timestamp.before.max.ms",
                                {{"log.message.timestamp.before.max.ms"}}, record::no_time_limit);
  out.after_max_ms = in.number("message.timestamp.after.max.ms",
                               {{"log.message.timestamp.after.max.ms"}}, ms_per_hour);
  out.is_compacted = log.is_cleanup_compact;
  out.reading.max_batch_bytes = max_decompressed_batch_bytes;
  out.compression = compression_of(in);
  return out;
}

}  // namespace

std::shared_ptr<const topic_settings> make_topic_settings(
    const cluster::overrides& topic, const broker_setting_lookup& broker_setting) {
  const reader in(topic, broker_setting);
  auto out = std::make_shared<topic_settings>();
  out->log = log_config_of(in);
  out->validation = limits_of(in, *out->log);
  out->min_insync_replicas =
      static_cast<std::int32_t>(in.number("min.insync.replicas", {{"min.insync.replicas"}}, 1));
  return out;
}

}  // namespace barnabas::broker
