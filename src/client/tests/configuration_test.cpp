#include "client/configuration.h"

#include <gtest/gtest.h>

#include "client/settings_table.h"

namespace barnabas::client {
namespace {

setting_map with(setting_map more) {
  more.emplace("bootstrap.servers", "localhost:9092");
  return more;
}

std::string refusal(setting_map settings) {
  const auto made = make_producer_configuration(with(std::move(settings)));
  EXPECT_FALSE(made.has_value());
  return made ? "" : made.error().message;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(configuration, has_librdkafkas_defaults) {
  const auto made = make_producer_configuration(with({}));
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->acks, -1);
  EXPECT_TRUE(made->is_idempotent);
  EXPECT_EQ(made->batch_bytes, 1'000'000);
  EXPECT_EQ(made->linger, std::chrono::milliseconds(5));
  EXPECT_EQ(made->queue_records, 100'000);
  EXPECT_EQ(made->queue_bytes, std::int64_t{1} << 30);
  EXPECT_EQ(made->delivery_timeout, std::chrono::minutes(5));
  EXPECT_EQ(made->partitioner, partitioner_kind::consistent_random);
}

TEST(configuration, takes_other_names_of_a_setting) {
  const auto made = make_producer_configuration({{"metadata.broker.list", "a:1,b"},
                                                 {"queue.buffering.max.ms", "0.5"},
                                                 {"message.timeout.ms", "7"},
                                                 {"compression.codec", "zstd"},
                                                 {"request.required.acks", "1"}});
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->linger, std::chrono::microseconds(500));
  EXPECT_EQ(made->delivery_timeout, std::chrono::milliseconds(7));
  EXPECT_EQ(made->compression.type, record::compression_type::zstd);
  EXPECT_EQ(made->cluster.bootstrap.size(), 2U);
  EXPECT_EQ(made->cluster.bootstrap[1].port, 9092);
  EXPECT_FALSE(made->is_idempotent) << "acks=1 turns it off when nobody asked for it";
}

TEST(configuration, names_what_is_wrong) {
  EXPECT_TRUE(says(refusal({{"linger.msec", "5"}}), "did you mean linger.ms?"));
  EXPECT_TRUE(says(refusal({{"acks", "2"}}), "acks"));
  EXPECT_TRUE(says(refusal({{"batch.size", "0"}}), "batch.size"));
  EXPECT_TRUE(says(refusal({{"batch.size", "many"}}), "many"));
  EXPECT_TRUE(says(refusal({{"linger.ms", "5"}, {"queue.buffering.max.ms", "6"}}), "given twice"));
  EXPECT_TRUE(says(refusal({{"security.protocol", "tls"}}), "security.protocol"));
  EXPECT_TRUE(says(refusal({{"bootstrap.servers", "host:port"}}), "host:port"));
  EXPECT_TRUE(says(refusal({{"bootstrap.servers", " , "}}), "bootstrap.servers"));
  EXPECT_FALSE(make_producer_configuration({}).has_value());
}

TEST(configuration, transactions_need_idempotence_and_records_in_time) {
  EXPECT_TRUE(says(refusal({{"transactional.id", "a"}, {"acks", "1"}}), "acks=1"));
  EXPECT_TRUE(says(refusal({{"transactional.id", "a"}, {"enable.idempotence", "false"}}),
                   "enable.idempotence=false"));
  EXPECT_TRUE(says(refusal({{"transactional.id", "a"},
                            {"transaction.timeout.ms", "5000"},
                            {"delivery.timeout.ms", "6000"}}),
                   "delivery.timeout.ms=6000"));
  const auto made = make_producer_configuration(
      {{"bootstrap.servers", "a"}, {"transactional.id", "a"}, {"transaction.timeout.ms", "5000"}});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->delivery_timeout, std::chrono::seconds(5)) << "as librdkafka";
}

TEST(configuration, refuses_idempotence_with_what_contradicts_it) {
  EXPECT_TRUE(says(refusal({{"enable.idempotence", "true"}, {"acks", "1"}}), "acks=1"));
  EXPECT_TRUE(says(refusal({{"enable.idempotence", "true"}, {"retries", "0"}}), "retries=0"));
  EXPECT_TRUE(says(
      refusal({{"enable.idempotence", "true"}, {"max.in.flight.requests.per.connection", "6"}}),
      "max.in.flight"));
}

TEST(configuration, reads_addresses_of_every_form) {
  const auto made = make_admin_configuration(
      {{"bootstrap.servers", "PLAINTEXT://one:1, SASL_SSL://[::1]:2 ,[fe80::1],four"}});
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const std::vector<runtime::endpoint> expected{
      {"one", 1}, {"::1", 2}, {"fe80::1", 9092}, {"four", 9092}};
  EXPECT_EQ(made->bootstrap, expected);
}

TEST(configuration, knows_where_to_begin_under_all_of_its_names) {
  const auto reset_of = [](const char* name) {
    return make_consumer_configuration(with({{"auto.offset.reset", name}}))->reset;
  };
  EXPECT_EQ(reset_of("smallest"), offset_reset::earliest);
  EXPECT_EQ(reset_of("earliest"), offset_reset::earliest);
  EXPECT_EQ(reset_of("largest"), offset_reset::latest);
  EXPECT_EQ(reset_of("none"), offset_reset::none);
  EXPECT_EQ(reset_of("error"), offset_reset::none);
}

TEST(settings_table, every_alias_names_a_setting_and_no_other_alias) {
  for (const settings_table& table : {producer_settings(), consumer_settings(), admin_settings()}) {
    for (const setting_alias& each : table.aliases) {
      EXPECT_NE(find_config(table.settings, each.name), nullptr) << each.alias;
      EXPECT_EQ(find_config(table.settings, each.alias), nullptr) << each.alias;
    }
  }
}

}  // namespace
}  // namespace barnabas::client
