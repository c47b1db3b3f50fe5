// Quotas from a request to the store and back: what is allowed, which nodes they become (as Apache
// Kafka 3.9.2 leaves them), and what a restart finds.
#include <gmock/gmock.h>

#include <limits>

#include "cluster/detail/quota_nodes.h"
#include "cluster/detail/quota_plans.h"
#include "cluster/detail/znodes.h"
#include "cluster/tests/cluster_fixture.h"

namespace barnabas::cluster {
namespace {

using runtime::task;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const quota_entity ann{.user = "ann"};
const quota_entity app{.client_id = "app"};
const quota_entity app_of_ann{.user = "ann", .client_id = "app"};
const quota_entity default_of_ann{.user = "ann", .client_id = ""};
const quota_entity anyone{.user = ""};
const quota_entity address{.ip = "10.0.0.1"};

// What the edit leaves of an empty node, or "refused".
std::string plan(const quota_entity& entity, const std::string& key, std::optional<double> value) {
  const auto node = detail::plan_quotas({}, {entity, {{key, value}}});
  if (!node) {
    EXPECT_EQ(node.error().code, error_code::invalid_request);
    return "refused";
  }
  return node->empty() ? "" : node->begin()->second;
}

TEST(quotas, keys_and_values_that_are_allowed) {
  const double infinite = std::numeric_limits<double>::infinity();
  const double none = std::numeric_limits<double>::quiet_NaN();
  const struct {
    quota_entity entity;
    std::string key;
    std::optional<double> value;
    std::string outcome;
  } cases[] = {
      {ann, "producer_byte_rate", 1000, "1000"},
      {ann, "consumer_byte_rate", 9007199254740992.0, "9007199254740992"},
      {app, "producer_byte_rate", 1.5, "refused"},
      {app, "producer_byte_rate", 1e19, "refused"},
      {app, "producer_byte_rate", 0, "refused"},
      {app, "producer_byte_rate", -1, "refused"},
      {app_of_ann, "request_percentage", 50.5, "50.5"},
      {app_of_ann, "request_percentage", 200, "200.0"},
      {app_of_ann, "request_percentage", 0.0001, "1.0E-4"},
      {app_of_ann, "request_percentage", 0.001, "0.001"},
      {app_of_ann, "request_percentage", infinite, "refused"},
      {app_of_ann, "request_percentage", none, "refused"},
      {anyone, "controller_mutation_rate", 1e10, "1.0E10"},
      {anyone, "controller_mutation_rate", 1234567.891, "1234567.891"},
      {anyone, "controller_mutation_rate", 12345678.5, "1.23456785E7"},
      {anyone, "controller_mutation_rate", -0.5, "refused"},
      {address, "connection_creation_rate", 2147483647, "2147483647"},
      {address, "connection_creation_rate", 2147483648.0, "refused"},
      {address, "connection_creation_rate", 0.5, "refused"},
      {address, "producer_byte_rate", 1, "refused"},
      {ann, "connection_creation_rate", 1, "refused"},
      {ann, "retention.ms", 1, "refused"},
      {ann, "", 1, "refused"},
      {ann, "SCRAM-SHA-256", 1, "refused"},
      {ann, "retention.ms", std::nullopt, ""},
      {ann, "producer_byte_rate", std::nullopt, ""},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(plan(one.entity, one.key, one.value), one.outcome)
        << one.key << '=' << one.value.value_or(-0.0);
  }
}

TEST(quotas, a_removal_touches_nothing_but_quotas) {
  const overrides node = {{"SCRAM-SHA-256", "salt"}, {"producer_byte_rate", "5"}};
  EXPECT_EQ(*detail::plan_quotas(node, {ann, {{"SCRAM-SHA-256", std::nullopt}}}), node);
}

TEST(quotas, a_key_is_named_once) {
  EXPECT_FALSE(detail::plan_quotas(
      {}, {ann, {{"producer_byte_rate", 5.0}, {"producer_byte_rate", std::nullopt}}}));
}

TEST(quotas, names_are_percent_encoded_as_kafka_does) {
  const std::string name = "CN=a b*c/d~e+f%\xC3\xA4";
  EXPECT_EQ(detail::znodes::sanitized(name), "CN%3Da%20b%2Ac%2Fd%7Ee%2Bf%25%C3%A4");
  EXPECT_EQ(detail::znodes::desanitized(detail::znodes::sanitized(name)), name);
  EXPECT_EQ(detail::znodes::desanitized("a%"), "a%");
  EXPECT_EQ(detail::znodes::desanitized("%zz%4"), "%zz%4");
  EXPECT_EQ(detail::quota_path({.user = "<default>", .client_id = ""}),
            "users/%3Cdefault%3E/clients/<default>");
  EXPECT_EQ(detail::quota_path({.ip = ""}), "ips/<default>");
}

task<std::vector<result<>>> alter(test_broker& broker, std::vector<quota_change> changes,
                                  bool validate_only = false) {
  return broker.controller.alter_quotas(std::move(changes), validate_only);
}

quota_change set(quota_entity entity, std::string key, double value) {
  return {std::move(entity), {{std::move(key), value}}};
}
quota_change unset(quota_entity entity, std::string key) {
  return {std::move(entity), {{std::move(key), std::nullopt}}};
}

// The nodes of entities, and the entities that notes of changes name.
task<std::pair<std::map<std::string, std::string>, std::vector<std::string>>> config_nodes(
    metastore::store& store) {
  std::map<std::string, std::string> entities;
  std::vector<std::string> notes;
  for (const auto& [path, data] : co_await nodes_of(store)) {
    for (const std::string_view folder : {"/config/users/", "/config/clients/", "/config/ips/"}) {
      if (path.starts_with(folder)) {
        entities[path.substr(8)] = data;
      }
    }
    if (path.starts_with("/config/changes/")) {
      notes.push_back(data);
    }
  }
  co_return std::pair(entities, notes);
}

task<> make_nodes(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  const auto answers =
      co_await alter(broker, {set(app_of_ann, "producer_byte_rate", 1000000),
                              {anyone, {{"request_percentage", 50.0}, {"consumer_byte_rate", 5.0}}},
                              set(app, "controller_mutation_rate", 2),
                              set(address, "connection_creation_rate", 9),
                              set(app, "producer_byte_rate", 1)});
  EXPECT_TRUE(answers[0] && answers[1] && answers[2] && answers[3]);
  EXPECT_FALSE(answers[4]) << "the second change of an entity";
  const auto [nodes, notes] = co_await config_nodes(store);
  EXPECT_THAT(
      nodes,
      ElementsAre(
          Pair("clients/app", R"({"version":1,"config":{"controller_mutation_rate":"2.0"}})"),
          Pair("ips/10.0.0.1", R"({"version":1,"config":{"connection_creation_rate":"9"}})"),
          Pair("users/<default>",
               R"({"version":1,"config":{"consumer_byte_rate":"5","request_percentage":"50.0"}})"),
          Pair("users/ann", ""), Pair("users/ann/clients", ""),
          Pair("users/ann/clients/app",
               R"({"version":1,"config":{"producer_byte_rate":"1000000"}})")));
  EXPECT_THAT(notes, ElementsAre(R"({"version":2,"entity_path":"users/ann/clients/app"})",
                                 R"({"version":2,"entity_path":"users/<default>"})",
                                 R"({"version":2,"entity_path":"clients/app"})",
                                 R"({"version":2,"entity_path":"ips/10.0.0.1"})"));
  co_await broker.controller.stop();
}
TEST(quotas, stand_in_kafkas_nodes) {
  in_cluster(make_nodes);
}

task<> remove_nodes(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  (void)co_await alter(
      broker,
      {set(app_of_ann, "producer_byte_rate", 1), set(default_of_ann, "producer_byte_rate", 1),
       set(ann, "producer_byte_rate", 1), set(address, "connection_creation_rate", 9)});
  (void)co_await alter(broker,
                       {unset(app_of_ann, "producer_byte_rate"), unset(ann, "producer_byte_rate"),
                        unset(address, "connection_creation_rate"),
                        unset({.user = "new", .client_id = "c"}, "producer_byte_rate")});
  EXPECT_THAT(
      (co_await config_nodes(store)).first,
      ElementsAre(Pair("users/ann", R"({"version":1,"config":{}})"), Pair("users/ann/clients", ""),
                  Pair("users/ann/clients/<default>",
                       R"({"version":1,"config":{"producer_byte_rate":"1"}})")));
  EXPECT_EQ(broker.now().quotas->size(), 1);
  (void)co_await alter(broker, {unset(default_of_ann, "producer_byte_rate")});
  EXPECT_THAT((co_await config_nodes(store)).first, IsEmpty());
  EXPECT_TRUE(broker.now().quotas->empty());
  co_await broker.controller.stop();
}
TEST(quotas, nodes_without_a_quota_go) {
  in_cluster(remove_nodes);
}

constexpr auto credentials =
    R"({"version":1,"config":{"SCRAM-SHA-256":"salt=eA==,stored_key=eA==,server_key=eA==,)"
    R"(iterations=8192"}})";

task<> keep_credentials(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  auto session = co_await store.connect(std::chrono::seconds(1));
  (void)co_await (*session)->create({"/config/users/ann", credentials});
  EXPECT_TRUE((co_await alter(broker, {set(ann, "producer_byte_rate", 7)})).front());
  EXPECT_EQ((co_await (*session)->get("/config/users/ann"))->data,
            R"({"version":1,"config":{"SCRAM-SHA-256":"salt=eA==,stored_key=eA==,server_key=eA==,)"
            R"(iterations=8192","producer_byte_rate":"7"}})");
  EXPECT_TRUE((co_await alter(broker, {set(app_of_ann, "producer_byte_rate", 7)})).front());
  EXPECT_TRUE((co_await alter(broker, {unset(ann, "producer_byte_rate"),
                                       unset(app_of_ann, "producer_byte_rate")}))
                  .front());
  EXPECT_EQ((co_await (*session)->get("/config/users/ann"))->data, credentials);
  EXPECT_FALSE((co_await (*session)->exists("/config/users/ann/clients"))->has_value());
  co_await broker.controller.stop();
}
TEST(quotas, credentials_in_the_same_node_survive) {
  in_cluster(keep_credentials);
}

task<> find_again(runtime::world& world, metastore::memory_store& store) {
  client_quotas before;
  {
    test_broker first(world, store);
    co_await start(first);
    (void)co_await alter(
        first, {set(app_of_ann, "producer_byte_rate", 5), set(anyone, "request_percentage", 0.5),
                set({.user = "a/b c", .client_id = ""}, "consumer_byte_rate", 6),
                set({.ip = ""}, "connection_creation_rate", 9)});
    (void)co_await alter(first, {set(app, "producer_byte_rate", 5)}, true);
    before = *first.now().quotas;
    EXPECT_EQ(before.size(), 4);
    co_await first.controller.stop();
  }
  auto session = co_await store.connect(std::chrono::seconds(1));
  (void)co_await (*session)->create({"/config/users/bob", credentials});
  (void)co_await (*session)->create(
      {"/config/clients/odd",
       R"({"version":1,"config":{"producer_byte_rate":"many","consumer_byte_rate":"3"}})"});
  before[{.client_id = "odd"}] = {std::nullopt, 3.0};
  test_broker second(world, store);
  co_await start(second);
  EXPECT_EQ(*second.now().quotas, before);
  co_await second.controller.stop();
}
TEST(quotas, survive_a_restart) {
  in_cluster(find_again);
}

task<> refuse_unreadable(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  auto session = co_await store.connect(std::chrono::seconds(1));
  (void)co_await (*session)->create({"/config/users/ann", "not json"});
  EXPECT_FALSE((co_await alter(broker, {set(ann, "producer_byte_rate", 7)})).front());
  EXPECT_EQ((co_await (*session)->get("/config/users/ann"))->data, "not json");
  co_await broker.controller.stop();
}
TEST(quotas, a_node_that_cannot_be_read_is_not_overwritten) {
  in_cluster(refuse_unreadable);
}

}  // namespace
}  // namespace barnabas::cluster
