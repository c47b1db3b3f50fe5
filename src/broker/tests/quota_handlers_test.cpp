// AlterClientQuotas and DescribeClientQuotas on a controller with a store in memory.
#include <gmock/gmock.h>

#include "broker/handlers/alter_client_quotas.h"
#include "broker/handlers/describe_client_quotas.h"
#include "broker/tests/controller_node.h"

namespace barnabas::broker::handlers {
namespace {

using runtime::task;
using testing::ElementsAre;
using testing::IsEmpty;

using name = std::optional<std::string_view>;
constexpr name anyone = std::nullopt;  // the default entity
using parts = std::vector<std::pair<std::string_view, name>>;

void add(protocol::alter_client_quotas_request& to, const parts& entity, std::string_view key,
         double value) {
  auto& entry = to.entries.emplace_back();
  for (const auto& [type, called] : entity) {
    entry.entity.push_back({type, called});
  }
  entry.ops.push_back({.key = key, .value = value});
}

task<error_code> alter(test_node& node, parts entity, std::string_view key, double value) {
  protocol::alter_client_quotas_request message;
  add(message, entity, key, value);
  const auto answer = co_await alter_client_quotas(node.services, message);
  const auto& entry = answer.message.entries.front();
  EXPECT_EQ(entry.entity.size(), entity.size());
  EXPECT_EQ(entry.error_message.has_value(), entry.error_code != error_code::none);
  co_return entry.error_code;
}

task<> refuse_entities(test_node& node) {
  for (const parts& entity : std::vector<parts>{{},
                                                {{"user", ""}},
                                                {{"user", ".."}},
                                                {{"group", "x"}},
                                                {{"", "x"}},
                                                {{"user", "a"}, {"user", "b"}},
                                                {{"user", "a"}, {"ip", "10.0.0.1"}},
                                                {{"ip", anyone}, {"client-id", anyone}}}) {
    EXPECT_EQ(co_await alter(node, entity, "producer_byte_rate", 1), error_code::invalid_request);
  }
  for (const std::string_view ip : {"localhost", "10.0.0", "1.2.3.4.5", "no such host!"}) {
    EXPECT_EQ(co_await alter(node, {{"ip", ip}}, "connection_creation_rate", 1),
              error_code::invalid_request);
  }
  EXPECT_THAT(*node.board.current()->quotas, IsEmpty());
  EXPECT_EQ(co_await alter(node, {{"ip", "::1"}}, "connection_creation_rate", 1), error_code::none);
}
TEST(quota_handlers, entities_that_are_refused) {
  run(refuse_entities);
}

// Entities as "user=ann,client-id=app" with "*" for the default, one text an entity.
std::vector<std::string> shown(const protocol::describe_client_quotas_response& response) {
  std::vector<std::string> all;
  for (const auto& entry : *response.entries) {
    std::string& text = all.emplace_back();
    for (const auto& part : entry.entity) {
      text += (text.empty() ? "" : ",") + std::string(part.entity_type) + '=' +
              std::string(part.entity_name.value_or("*"));
    }
  }
  return all;
}

struct wanted {
  std::string_view type;
  std::int8_t match;
  name called;
};
owned_response<protocol::describe_client_quotas_response> describe(test_node& node,
                                                                   std::vector<wanted> components,
                                                                   bool is_strict = false) {
  protocol::describe_client_quotas_request message;
  for (const wanted& one : components) {
    message.components.push_back({one.type, one.match, one.called});
  }
  message.strict = is_strict;
  return describe_client_quotas(node.services, message);
}

constexpr std::int8_t exact = 0;
constexpr std::int8_t of_default = 1;
constexpr std::int8_t any = 2;

task<> fill(test_node& node) {
  protocol::alter_client_quotas_request message;
  for (const parts& entity : std::vector<parts>{{{"user", "ann"}},
                                                {{"user", anyone}},
                                                {{"client-id", "app"}},
                                                {{"client-id", anyone}},
                                                {{"client-id", "app"}, {"user", "ann"}},
                                                {{"user", "ann"}, {"client-id", anyone}},
                                                {{"user", anyone}, {"client-id", "app"}}}) {
    add(message, entity, "producer_byte_rate", 5);
  }
  add(message, {{"ip", "10.0.0.1"}}, "connection_creation_rate", 5);
  add(message, {{"ip", anyone}}, "connection_creation_rate", 5);
  const auto answer = co_await alter_client_quotas(node.services, message);
  for (const auto& entry : answer.message.entries) {
    EXPECT_EQ(entry.error_code, error_code::none);
  }
}

task<> find_entities(test_node& node) {
  co_await fill(node);
  const auto found = [&](std::vector<wanted> components, bool is_strict = false) {
    return shown(describe(node, std::move(components), is_strict).message);
  };
  EXPECT_EQ(found({}).size(), 9);
  EXPECT_THAT(found({}, true), IsEmpty());
  EXPECT_THAT(found({{"user", exact, "ann"}}),
              ElementsAre("user=ann", "user=ann,client-id=*", "user=ann,client-id=app"));
  EXPECT_THAT(found({{"user", exact, "ann"}}, true), ElementsAre("user=ann"));
  EXPECT_THAT(found({{"user", of_default, {}}}), ElementsAre("user=*", "user=*,client-id=app"));
  EXPECT_THAT(found({{"user", of_default, {}}}, true), ElementsAre("user=*"));
  EXPECT_EQ(found({{"user", any, {}}}).size(), 5);
  EXPECT_THAT(found({{"user", any, {}}}, true), ElementsAre("user=*", "user=ann"));
  EXPECT_THAT(found({{"client-id", any, {}}}, true), ElementsAre("client-id=*", "client-id=app"));
  EXPECT_THAT(found({{"client-id", exact, "app"}}),
              ElementsAre("client-id=app", "user=*,client-id=app", "user=ann,client-id=app"));
  EXPECT_THAT(
      found({{"user", any, {}}, {"client-id", any, {}}}, true),
      ElementsAre("user=*,client-id=app", "user=ann,client-id=*", "user=ann,client-id=app"));
  EXPECT_THAT(found({{"user", of_default, {}}, {"client-id", exact, "app"}}),
              ElementsAre("user=*,client-id=app"));
  EXPECT_THAT(found({{"ip", any, {}}}), ElementsAre("ip=*", "ip=10.0.0.1"));
  EXPECT_THAT(found({{"ip", exact, "10.0.0.1"}}, true), ElementsAre("ip=10.0.0.1"));
  EXPECT_THAT(found({{"ip", exact, "10.0.0.2"}}), IsEmpty());
  EXPECT_THAT(found({{"user", exact, ""}}), IsEmpty()) << "which is not the default";
  const auto answer = describe(node, {{"user", exact, "ann"}}, true);
  EXPECT_EQ(answer.message.entries->front().values.front().key, "producer_byte_rate");
  EXPECT_EQ(answer.message.entries->front().values.front().value, 5.0);
}
TEST(quota_handlers, filters_find_entities) {
  run(find_entities);
}

task<> refuse_filters(test_node& node) {
  const auto refusal = [&](std::vector<wanted> components) {
    const auto answer = describe(node, std::move(components));
    EXPECT_FALSE(answer.message.entries.has_value());
    EXPECT_FALSE(answer.message.error_message->empty());
    return answer.message.error_code;
  };
  EXPECT_EQ(refusal({{"user", exact, "a"}, {"user", of_default, {}}}), error_code::invalid_request);
  EXPECT_EQ(refusal({{"user", any, {}}, {"ip", any, {}}}), error_code::invalid_request);
  EXPECT_EQ(refusal({{"", exact, "a"}}), error_code::invalid_request);
  EXPECT_EQ(refusal({{"group", exact, "a"}}), error_code::unsupported_version);
  EXPECT_EQ(refusal({{"user", 3, {}}}), error_code::invalid_request);
  EXPECT_EQ(refusal({{"user", -1, {}}}), error_code::invalid_request);
  EXPECT_EQ(refusal({{"user", exact, {}}}), error_code::invalid_request);
  EXPECT_EQ(refusal({{"user", of_default, "x"}}), error_code::invalid_request);
  EXPECT_EQ(refusal({{"user", any, "x"}}), error_code::invalid_request);
  co_return;
}
TEST(quota_handlers, filters_that_are_refused) {
  run(refuse_filters);
}

task<> only_validate(test_node& node) {
  protocol::alter_client_quotas_request message;
  add(message, {{"user", "ann"}}, "producer_byte_rate", 5);
  add(message, {{"user", "bob"}}, "producer_byte_rate", -5);
  message.validate_only = true;
  const auto answer = co_await alter_client_quotas(node.services, message);
  EXPECT_EQ(answer.message.entries[0].error_code, error_code::none);
  EXPECT_EQ(answer.message.entries[1].error_code, error_code::invalid_request);
  EXPECT_THAT(*node.board.current()->quotas, IsEmpty());
}
TEST(quota_handlers, validate_only_changes_nothing) {
  run(only_validate);
}

}  // namespace
}  // namespace barnabas::broker::handlers
