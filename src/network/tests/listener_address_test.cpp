#include "network/listener_address.h"

#include <gtest/gtest.h>

namespace barnabas::network {
namespace {

std::string problem_of(std::string_view listeners, std::string_view map = "") {
  const auto parsed = parse_listeners(listeners, map);
  return parsed ? "" : parsed.error().message;
}

TEST(listeners, kafkas_syntax) {
  const auto all = parse_listeners("PLAINTEXT://:9092, inside://10.0.0.1:9093 ,SIX://[::1]:0",
                                   "PLAINTEXT:PLAINTEXT,INSIDE:SASL_SSL,SIX:plaintext");
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0], (listener_address{"PLAINTEXT", security_protocol::plaintext, {"", 9092}}));
  EXPECT_EQ((*all)[1],
            (listener_address{"INSIDE", security_protocol::sasl_ssl, {"10.0.0.1", 9093}}));
  EXPECT_EQ((*all)[2], (listener_address{"SIX", security_protocol::plaintext, {"::1", 0}}));
  EXPECT_EQ((*all)[2].to_string(), "SIX://[::1]:0");
}

TEST(listeners, without_a_map_a_name_is_its_protocol) {
  const auto all = parse_listeners("SSL://a:1,SASL_PLAINTEXT://a:2", "");
  ASSERT_TRUE(all);
  EXPECT_EQ((*all)[0].protocol, security_protocol::ssl);
  EXPECT_EQ((*all)[1].protocol, security_protocol::sasl_plaintext);
}

TEST(listeners, one_port_for_both_address_families) {
  EXPECT_EQ(problem_of("A://127.0.0.1:1,B://[::1]:1", "A:PLAINTEXT,B:PLAINTEXT"), "");
  EXPECT_NE(problem_of("A://127.0.0.1:1,B://127.0.0.2:1", "A:PLAINTEXT,B:PLAINTEXT"), "");
  EXPECT_EQ(problem_of("A://:0,B://:0", "A:PLAINTEXT,B:PLAINTEXT"), "");
}

TEST(listeners, errors_name_what_is_wrong) {
  EXPECT_EQ(problem_of(""), "listeners: at least one listener is needed, as in PLAINTEXT://:9092");
  EXPECT_EQ(problem_of("localhost:9092"), "listeners: 'localhost:9092' is not NAME://host:port");
  EXPECT_EQ(problem_of("PLAINTEXT://localhost"), "listeners: 'PLAINTEXT://localhost' has no port");
  EXPECT_NE(problem_of("PLAINTEXT://localhost:65536"), "");
  EXPECT_NE(problem_of("PLAINTEXT://localhost:-1"), "");
  EXPECT_NE(problem_of("PLAINTEXT://::1:9092"), "");
  EXPECT_NE(problem_of("PLAINTEXT://a/b:9092"), "");
  EXPECT_EQ(problem_of("PLAINTEXT://a:1,plaintext://b:2"),
            "listeners: listener PLAINTEXT is there twice");
  EXPECT_EQ(problem_of("HOME://:9092"),
            "listeners: listener.security.protocol.map does not name HOME");
  EXPECT_NE(problem_of("A://:9092", "A:TLS")
                .find("'A:TLS' names no protocol; allowed are PLAINTEXT, SSL"),
            std::string::npos);
}

TEST(advertised_listeners, default_to_the_listeners_with_the_host_name) {
  const auto listeners = *parse_listeners("PLAINTEXT://:9092,SSL://castle:9093", "");
  const auto all = parse_advertised_listeners("", listeners, "village");
  ASSERT_TRUE(all);
  EXPECT_EQ((*all)[0].to_string(), "PLAINTEXT://village:9092");
  EXPECT_EQ((*all)[1].to_string(), "SSL://castle:9093");
}

TEST(advertised_listeners, must_be_listeners_that_clients_can_reach) {
  const auto listeners = *parse_listeners("PLAINTEXT://0.0.0.0:9092", "");
  EXPECT_FALSE(parse_advertised_listeners("", listeners, "village"));
  EXPECT_FALSE(parse_advertised_listeners("PLAINTEXT://[::]:9092", listeners, "village"));
  EXPECT_FALSE(parse_advertised_listeners("SSL://a:9092", listeners, "village"));
  EXPECT_FALSE(parse_advertised_listeners("PLAINTEXT://a:1,PLAINTEXT://b:1", listeners, "village"));
  const auto all = parse_advertised_listeners("plaintext://castle:19092", listeners, "village");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->front().to_string(), "PLAINTEXT://castle:19092");
}

}  // namespace
}  // namespace barnabas::network
