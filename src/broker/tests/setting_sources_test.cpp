#include "broker/setting_sources.h"

#include <gmock/gmock.h>

#include "broker/setting_reader.h"
#include "broker/topic_settings.h"

namespace barnabas::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct sources {
  cluster::overrides own, all, given;
  broker_settings view() const { return {&own, &all, &given}; }
};

std::vector<std::string> names_of(const std::vector<setting_synonym>& synonyms) {
  std::vector<std::string> names;
  for (const setting_synonym& one : synonyms) {
    names.push_back(std::to_string(static_cast<int>(one.source)) + ':' + one.name + '=' +
                    one.value);
  }
  return names;
}

TEST(setting_sources, the_strongest_source_wins) {
  sources at;
  const setting_reader in(at.view());
  EXPECT_EQ(in.number("message.max.bytes"), 1'048'588);
  at.given["message.max.bytes"] = "1";
  EXPECT_EQ(in.number("message.max.bytes"), 1);
  at.all["message.max.bytes"] = "2";
  EXPECT_EQ(in.number("message.max.bytes"), 2);
  at.own["message.max.bytes"] = "3";
  EXPECT_EQ(in.number("message.max.bytes"), 3);
  const cluster::overrides topic{{"max.message.bytes", "4"}};
  EXPECT_EQ(setting_reader({}, at.view()).number("max.message.bytes"), 3);
  EXPECT_EQ(setting_reader(topic, at.view()).number("max.message.bytes"), 4);
}

TEST(setting_sources, the_finer_unit_wins_over_a_stronger_source) {
  sources at;
  const cluster::overrides none;
  const setting_reader in(none, at.view());
  EXPECT_EQ(in.number("retention.ms"), 604'800'000);
  at.given["log.retention.hours"] = "2";
  EXPECT_EQ(in.number("retention.ms"), 7'200'000);
  at.given["log.retention.minutes"] = "3";
  EXPECT_EQ(in.number("retention.ms"), 180'000);
  at.given["log.retention.ms"] = "-1";
  EXPECT_EQ(in.number("retention.ms"), -1);
  at.all["log.retention.ms"] = "4";
  EXPECT_EQ(in.number("retention.ms"), 4);
  at.given["log.roll.hours"] = "9223372036854775807";
  EXPECT_EQ(in.number("segment.ms"), INT64_MAX);
}

TEST(setting_sources, defaults_come_through_what_a_setting_falls_back_to) {
  const setting_reader in(broker_settings{});
  EXPECT_EQ(in.number("log.retention.ms"), 604'800'000);
  EXPECT_EQ(in.list("log.dirs"), std::vector<std::string>{"./data"});
  EXPECT_EQ(in.text("broker.rack"), "");
}

// As kafka-configs --describe shows them.
TEST(setting_sources, synonyms_are_those_of_kafka) {
  sources at;
  at.given["log.retention.hours"] = "24";
  EXPECT_THAT(names_of(synonyms_of("log.retention.hours", at.view())),
              ElementsAre("4:log.retention.hours=24", "5:log.retention.hours=168"));
  EXPECT_THAT(synonyms_of("log.retention.ms", at.view()), IsEmpty());
  at.own["log.retention.ms"] = "1";
  at.all["log.retention.ms"] = "2";
  EXPECT_THAT(names_of(synonyms_of("log.retention.ms", at.view())),
              ElementsAre("2:log.retention.ms=1", "3:log.retention.ms=2",
                          "4:log.retention.hours=24", "5:log.retention.hours=168"));
  at.own["listener.name.inside.max.connections"] = "6";
  at.own["max.connections"] = "7";
  EXPECT_THAT(names_of(synonyms_of("listener.name.inside.max.connections", at.view())),
              ElementsAre("2:listener.name.inside.max.connections=6", "2:max.connections=7",
                          "5:max.connections=2147483647"));
  EXPECT_THAT(names_of(synonyms_of("max.connections", at.view())),
              ElementsAre("2:max.connections=7", "5:max.connections=2147483647"));
  at.given["listeners"] = "PLAINTEXT://:1";
  EXPECT_THAT(synonyms_of("advertised.listeners", at.view()), IsEmpty());
}

TEST(topic_settings, follow_the_settings_of_the_broker) {
  sources at;
  at.all = {{"log.segment.bytes", "1000"},       {"log.cleanup.policy", "compact, delete"},
            {"compression.type", "zstd"},        {"compression.zstd.level", "7"},
            {"min.insync.replicas", "2"},        {"log.preallocate", "TRUE"},
            {"producer.id.expiration.ms", "50"}, {"log.message.timestamp.type", "LogAppendTime"}};
  const auto settings = make_topic_settings({{"min.insync.replicas", "3"}}, at.view());
  EXPECT_EQ(settings->log->segment_bytes, 1000);
  EXPECT_EQ(settings->validation.max_total_bytes, 1000);
  EXPECT_TRUE(settings->log->is_cleanup_delete);
  EXPECT_TRUE(settings->log->is_cleanup_compact);
  EXPECT_TRUE(settings->log->is_preallocated);
  EXPECT_EQ(settings->log->producer_expiration_ms, 50);
  EXPECT_EQ(settings->validation.compression->type, record::compression_type::zstd);
  EXPECT_EQ(settings->validation.compression->level, 7);
  EXPECT_EQ(settings->validation.timestamp_type, record::timestamp_type::log_append_time);
  EXPECT_EQ(settings->min_insync_replicas, 3);
}

}  // namespace
}  // namespace barnabas::broker
