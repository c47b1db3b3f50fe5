#include "frame/clusters_file.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "frame/connection.h"

namespace barnabas::app {
namespace {

TEST(clusters_file, has_settings_for_all_and_for_each) {
  const auto file = parse_clusters(
      "# mine\ndefault = local\nclient.id = k\n\n[local]\nbootstrap.servers = a:1 , b:2\r\n"
      "[far away]\nsasl.password = p=w\n",
      "f");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->default_cluster, "local");
  EXPECT_EQ(file->for_all.at("client.id"), "k");
  EXPECT_EQ(file->clusters.at("local").at("bootstrap.servers"), "a:1 , b:2");
  EXPECT_EQ(file->clusters.at("far away").at("sasl.password"), "p=w");
}

TEST(clusters_file, a_wrong_line_is_named) {
  for (const char* wrong : {"[local", "words", "=x", "[]"}) {
    const auto file = parse_clusters(std::string("a=b\n") + wrong, "f");
    ASSERT_FALSE(file) << wrong;
    EXPECT_EQ(file.error().message.substr(0, 4), "f:2:") << file.error().message;
  }
}

// The test's own environment: a file of clusters and variables, put back at the end.
class client_settings_test : public testing::Test {
 protected:
  void SetUp() override { ::setenv("BARNABAS_CLUSTERS", "/nowhere/clusters", 1); }
  void TearDown() override {
    for (const char* name :
         {"BARNABAS_CLUSTERS", "BARNABAS_BROKERS", "BARNABAS_CLIENT_CLIENT_ID"}) {
      ::unsetenv(name);
    }
  }
};

TEST_F(client_settings_test, flags_are_stronger_than_the_environment) {
  ::setenv("BARNABAS_BROKERS", "environment:1", 1);
  ::setenv("BARNABAS_CLIENT_CLIENT_ID", "variable", 1);
  auto settings = client_settings({}, client_kind::admin);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->at("bootstrap.servers"), "environment:1");
  EXPECT_EQ(settings->at("client.id"), "variable");
  settings =
      client_settings({.brokers = "flag:1", .settings = {"client.id=x"}}, client_kind::admin);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->at("bootstrap.servers"), "flag:1");
  EXPECT_EQ(settings->at("client.id"), "x");
}

TEST_F(client_settings_test, another_name_of_a_setting_is_the_same_setting) {
  const auto settings =
      client_settings({.settings = {"metadata.broker.list=other:1"}}, client_kind::admin);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->at("bootstrap.servers"), "other:1");
  EXPECT_FALSE(settings->contains("metadata.broker.list"));
}

TEST_F(client_settings_test, settings_of_other_clients_are_left_out_and_unknown_ones_kept) {
  const connection_flags flags{.settings = {"linger.ms=5", "no.such=1"}};
  const auto of_admin = client_settings(flags, client_kind::admin);
  const auto of_producer = client_settings(flags, client_kind::producer);
  ASSERT_TRUE(of_admin && of_producer);
  EXPECT_FALSE(of_admin->contains("linger.ms"));
  EXPECT_TRUE(of_producer->contains("linger.ms"));
  EXPECT_TRUE(of_admin->contains("no.such"));
}

TEST_F(client_settings_test, a_cluster_that_is_not_there_is_an_error) {
  const auto settings = client_settings({.cluster = "castle"}, client_kind::admin);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, exit_code::wrong_usage);
  EXPECT_NE(settings.error().message.find("castle"), std::string::npos);
}

}  // namespace
}  // namespace barnabas::app
