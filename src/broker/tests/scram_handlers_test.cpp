// What users log in with, through the handlers, on a controller with a store in memory.
#include <gmock/gmock.h>

#include "broker/handlers/alter_client_quotas.h"
#include "broker/handlers/alter_user_scram_credentials.h"
#include "broker/handlers/describe_user_scram_credentials.h"
#include "broker/handlers/scram_text.h"
#include "broker/tests/controller_node.h"

namespace barnabas::broker::handlers {
namespace {

using runtime::task;
using testing::ElementsAre;
using testing::Pair;

struct wish {
  std::string_view user;
  std::int8_t mechanism;
  std::int32_t iterations = 0;  // 0: a deletion
};
using answers = std::vector<std::pair<std::string, error_code>>;
using credentials = std::vector<std::pair<std::int8_t, std::int32_t>>;

task<answers> alter(test_node& node, std::vector<wish> wishes) {
  protocol::alter_user_scram_credentials_request message;
  for (const auto& [user, mechanism, iterations] : wishes) {
    if (iterations == 0) {
      message.deletions.push_back({user, mechanism});
    } else {
      message.upsertions.push_back(
          {user, mechanism, iterations, as_bytes("salt"), as_bytes("salted password")});
    }
  }
  const auto answered = co_await alter_user_scram_credentials(node.services, std::move(message));
  answers found;
  for (const auto& one : answered.message.results) {
    found.emplace_back(one.user, one.error_code);
  }
  co_return found;
}

task<std::map<std::string, std::pair<error_code, credentials>>> describe(
    test_node& node, std::vector<std::string_view> users) {
  protocol::describe_user_scram_credentials_request message;
  for (const std::string_view user : users) {
    message.users->push_back({user});
  }
  const auto answered = co_await describe_user_scram_credentials(node.services, std::move(message));
  EXPECT_EQ(answered.message.error_message, "") << "not null";
  std::map<std::string, std::pair<error_code, credentials>> found;
  for (const auto& one : answered.message.results) {
    auto& [error, infos] = found[std::string(one.user)];
    error = one.error_code;
    for (const auto& info : one.credential_infos) {
      infos.emplace_back(info.mechanism, info.iterations);
    }
  }
  co_return found;
}

// All answers are those of Apache Kafka 3.9.2.
task<> set_and_delete(test_node& node) {
  EXPECT_THAT(co_await alter(node, {{"ann", 1, 8192}, {"bob", 2, 4096}, {"ann", 2, 16384}}),
              ElementsAre(Pair("ann", error_code::none), Pair("bob", error_code::none)));
  const auto of_ann = Pair(error_code::none, ElementsAre(Pair(1, 8192), Pair(2, 16384)));
  const auto of_bob = Pair(error_code::none, ElementsAre(Pair(2, 4096)));
  EXPECT_THAT(co_await describe(node, {}), ElementsAre(Pair("ann", of_ann), Pair("bob", of_bob)));
  EXPECT_THAT(co_await alter(node, {{"ann", 1}, {"ann", 2, 5000}}),
              ElementsAre(Pair("ann", error_code::none)));
  const auto now = Pair(error_code::none, ElementsAre(Pair(2, 5000)));
  const auto unknown = Pair(error_code::resource_not_found, ElementsAre());
  const auto twice = Pair(error_code::duplicate_resource, ElementsAre());
  EXPECT_THAT(co_await describe(node, {"ann", "nobody", "bob", "bob", ""}),
              ElementsAre(Pair("", unknown), Pair("ann", now), Pair("bob", twice),
                          Pair("nobody", unknown)));
  EXPECT_THAT(co_await alter(node, {{"ann", 2}, {"bob", 2}}),
              ElementsAre(Pair("ann", error_code::none), Pair("bob", error_code::none)));
  EXPECT_THAT(co_await describe(node, {}), ElementsAre());
}
TEST(scram_handlers, credentials_are_set_described_and_deleted) {
  run(set_and_delete);
}

task<> refuse(test_node& node) {
  EXPECT_THAT(co_await alter(node, {{"", 1, 8192},
                                    {"a", 0, 8192},
                                    {"b", 3, 8192},
                                    {"c", 1, 4095},
                                    {"d", 2, 16385},
                                    {"e", 1, 4096},
                                    {"f", 1, 4096},
                                    {"f", 1, 8192}}),
              ElementsAre(Pair("", error_code::unacceptable_credential),
                          Pair("a", error_code::unsupported_sasl_mechanism),
                          Pair("b", error_code::unsupported_sasl_mechanism),
                          Pair("c", error_code::unacceptable_credential),
                          Pair("d", error_code::unacceptable_credential),
                          Pair("e", error_code::none), Pair("f", error_code::duplicate_resource)));
  EXPECT_THAT(co_await alter(node, {{"e", 1}, {"e", 2}}),
              ElementsAre(Pair("e", error_code::resource_not_found)));
  EXPECT_THAT(co_await alter(node, {{"e", 1}, {"e", 1, 8192}}),
              ElementsAre(Pair("e", error_code::duplicate_resource)));
  const auto of_e = Pair(error_code::none, ElementsAre(Pair(1, 4096)));
  EXPECT_THAT(co_await describe(node, {}), ElementsAre(Pair("e", of_e)));
}
TEST(scram_handlers, a_user_with_a_wrong_wish_stays_as_he_was) {
  run(refuse);
}

task<> keep_quotas(test_node& node) {
  protocol::alter_client_quotas_request message;
  auto& entry = message.entries.emplace_back();
  entry.entity.push_back({"user", "ann"});
  entry.ops.push_back({"producer_byte_rate", 1000, false});
  (void)co_await alter_client_quotas(node.services, message);
  (void)co_await alter(node, {{"ann", 1, 4096}});
  (void)co_await alter(node, {{"ann", 1}});
  EXPECT_EQ(node.board.current()->quotas->at({.user = "ann"})[0], 1000);
  EXPECT_THAT(co_await describe(node, {}), ElementsAre());
  const auto users = co_await node.controller.read_users();
  EXPECT_THAT(users->at("ann"), ElementsAre(Pair("producer_byte_rate", "1000")));
}
TEST(scram_handlers, quotas_of_the_same_user_stay) {
  run(keep_quotas);
}

// The salted password and the text stand in the ZooKeeper of a 3.9.2 cluster.
TEST(scram_handlers, text_is_that_of_kafka) {
  const auto bytes_of = [](std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
  };
  const std::string text = scram_text(security::make_scram_credential(
      security::scram_mechanism::sha_256, "ukbogywdh5oq1d8q5makmh9fq", 8192,
      bytes_of("9faab1d591fb77fd07c1ccaea7b198143d36cc341b19271f301735ef98bb5d5d")));
  EXPECT_EQ(text,
            "salt=dWtib2d5d2RoNW9xMWQ4cTVtYWttaDlmcQ==,"
            "stored_key=9ZIE8BhUCEgTxt0Ue3ecqvOjHTwjDlCxGeQjXegTxOg=,"
            "server_key=wgi1y6kkvn8qt4ruf+BxmbZoMa6kY2VoBK2GEiI2Evg=,iterations=8192");
  EXPECT_EQ(iterations_in(text), 8192);
}

}  // namespace
}  // namespace barnabas::broker::handlers
