#include "base/config_definition.h"

#include <gtest/gtest.h>

namespace barnabas {
namespace {

const config_definition& broker(std::string_view name) {
  return *find_config(broker_configs(), name);
}
const config_definition& topic(std::string_view name) {
  return *find_config(topic_configs(), name);
}

std::string error_of(const config_definition& definition, std::string_view value) {
  const auto valid = validate(definition, value);
  return valid ? "" : valid.error().message;
}

TEST(configs, are_sorted_documented_and_valid_by_default) {
  for (const auto table : {broker_configs(), topic_configs(), producer_configs(),
                           consumer_configs(), admin_configs()}) {
    EXPECT_GT(table.size(), 30u);
    EXPECT_TRUE(std::ranges::is_sorted(table, {}, &config_definition::name));
    for (const config_definition& it : table) {
      EXPECT_EQ(find_config(table, it.name), &it) << it.name;
      EXPECT_FALSE(it.documentation.empty()) << it.name;
      if (it.default_value) {
        EXPECT_EQ(error_of(it, *it.default_value), "") << it.name;
      }
    }
  }
}

TEST(configs, fall_back_to_settings_of_the_broker) {
  for (const auto table : {broker_configs(), topic_configs()}) {
    for (const config_definition& it : table) {
      for (const config_fallback& other : it.fallbacks) {
        EXPECT_NE(find_config(broker_configs(), other.name), nullptr)
            << it.name << " " << other.name;
      }
    }
  }
  const auto retention = topic("retention.ms").fallbacks;
  ASSERT_EQ(retention.size(), 3u);
  EXPECT_EQ(retention[2].name, "log.retention.hours");
  EXPECT_EQ(retention[2].factor, 3'600'000);
  EXPECT_EQ(topic("max.message.bytes").fallbacks[0].name, "message.max.bytes");
}

TEST(configs, take_whole_numbers_within_bounds) {
  EXPECT_EQ(error_of(broker("num.partitions"), " 12 "), "");
  EXPECT_EQ(error_of(broker("num.partitions"), "+12"), "");
  EXPECT_EQ(error_of(broker("num.partitions"), "0"),
            "num.partitions=0: allowed is a whole number up to 2147483647, at least 1");
  EXPECT_NE(error_of(broker("num.partitions"), "1x"), "");
  EXPECT_NE(error_of(broker("num.partitions"), ""), "");
  EXPECT_NE(error_of(broker("num.partitions"), "2147483648"), "");
  EXPECT_EQ(error_of(broker("log.retention.ms"), "9223372036854775807"), "");
}

TEST(configs, take_a_value_besides_the_bounds) {
  EXPECT_EQ(error_of(topic("compression.gzip.level"), "-1"), "");
  EXPECT_EQ(error_of(topic("compression.gzip.level"), "9"), "");
  EXPECT_EQ(error_of(topic("compression.gzip.level"), "0"),
            "compression.gzip.level=0: allowed is a whole number up to 2147483647, 1 to 9, or -1");
}

TEST(configs, take_choices_and_lists_of_them) {
  EXPECT_EQ(error_of(topic("cleanup.policy"), "compact, delete"), "");
  EXPECT_EQ(error_of(topic("cleanup.policy"), "compact,shred"),
            "cleanup.policy=compact,shred: allowed is a list of compact, delete");
  EXPECT_EQ(error_of(topic("message.timestamp.type"), "createtime"),
            "message.timestamp.type=createtime: allowed is one of CreateTime, LogAppendTime");
  EXPECT_EQ(error_of(broker("delete.topic.enable"), "TRUE"), "");
  EXPECT_EQ(error_of(broker("delete.topic.enable"), "yes"),
            "delete.topic.enable=yes: allowed is true or false");
  EXPECT_EQ(error_of(*find_config(consumer_configs(), "group.protocol"), "Classic"), "");
}

TEST(configs, take_fractions) {
  EXPECT_EQ(error_of(topic("min.cleanable.dirty.ratio"), "0.25"), "");
  EXPECT_NE(error_of(topic("min.cleanable.dirty.ratio"), "1.5"), "");
  EXPECT_NE(error_of(topic("min.cleanable.dirty.ratio"), "nan"), "");
}

TEST(configs, never_show_secrets) {
  config_definition secret = broker("ssl.key.password");
  EXPECT_TRUE(secret.is_sensitive);
  secret.choices = "a";
  EXPECT_EQ(error_of(secret, "hunter2"), "ssl.key.password=[hidden]: allowed is one of a");
}

TEST(configs, name_the_nearest_one_to_a_misspelt_name) {
  EXPECT_EQ(nearest_config_name(broker_configs(), "num.partition"), "num.partitions");
  EXPECT_EQ(nearest_config_name(broker_configs(), "log.retention.hour"), "log.retention.hours");
  EXPECT_EQ(nearest_config_name(broker_configs(), "lsiteners"), "listeners");
  EXPECT_EQ(nearest_config_name(broker_configs(), "completely.other"), "");
  EXPECT_EQ(nearest_config_name(broker_configs(), std::string(100'000, 'x')), "");
}

TEST(configs, say_what_has_no_meaning_here) {
  EXPECT_TRUE(broker("num.io.threads").is_ignored());
  EXPECT_TRUE(broker("process.roles").is_ignored());
  EXPECT_FALSE(broker("log.segment.bytes").is_ignored());
  EXPECT_EQ(broker("log.segment.bytes").update, config_update::cluster_wide);
  EXPECT_EQ(broker("listeners").update, config_update::per_broker);
  EXPECT_EQ(broker("broker.id").update, config_update::read_only);
}

}  // namespace
}  // namespace barnabas
