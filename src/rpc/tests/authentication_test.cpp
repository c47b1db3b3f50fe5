#include "rpc/authentication.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/sasl_authenticate_request.h"
#include "protocol/messages/sasl_authenticate_response.h"
#include "protocol/messages/sasl_handshake_request.h"
#include "protocol/messages/sasl_handshake_response.h"
#include "scripted_broker.h"
#include "security/scram_exchange.h"
#include "security/tls_stream.h"

namespace barnabas::rpc {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

// A broker that knows one user by SCRAM-SHA-256, and what it has seen of its only client.
struct careful_broker {
  std::int64_t session_ms = 0;
  std::unique_ptr<security::sasl_server> server;
  int authentications = 0;
  int others = 0;
  bool was_disturbed = false;  // another request came in the middle of an authentication

  static std::optional<security::scram_credential> find(std::string_view user) {
    const auto kind = security::scram_mechanism::sha_256;
    return user == "alice"
               ? std::optional(security::make_scram_credential(
                     kind, "salt", 4096, security::salted_password(kind, "secret", "salt", 4096)))
               : std::nullopt;
  }

  reply answer(const asked& question) {
    if (question.key == protocol::api_key::api_versions) {
      return {all_versions(question)};
    }
    if (question.key == protocol::api_key::sasl_handshake) {
      server = security::make_scram_server(security::scram_mechanism::sha_256, find, "nonce");
      return {answer_frame(question, protocol::sasl_handshake_response{})};
    }
    if (question.key == protocol::api_key::sasl_authenticate) {
      return {answer_frame(question, authenticate(question))};
    }
    was_disturbed = was_disturbed || server != nullptr;
    ++others;
    return {answer_frame(question, protocol::metadata_response{})};
  }

 private:
  protocol::sasl_authenticate_response authenticate(const asked& question) {
    protocol::sasl_authenticate_response answer;
    const auto request = request_in<protocol::sasl_authenticate_request>(question);
    const auto said = server->respond(as_text(request.auth_bytes));
    if (!said) {
      answer.error_code = error_code::sasl_authentication_failed;
      bytes = said.error().message;
      answer.error_message = bytes;
      return answer;
    }
    bytes = *said;
    answer.auth_bytes = as_bytes(bytes);
    if (server->is_done()) {
      answer.session_lifetime_ms = session_ms;
      ++authentications;
      server.reset();
    }
    return answer;
  }
  std::string bytes;  // of the last answer, which only looks at them
};

std::shared_ptr<const sasl_settings> alice(std::string password = "secret") {
  return std::make_shared<sasl_settings>(
      sasl_settings{.mechanism = "SCRAM-SHA-256", .user = "alice", .password = password});
}

task<> ask_for(runtime::world& world, std::shared_ptr<const sasl_settings> sasl,
               runtime::duration time, error& last) {
  runtime::task_group tasks("link");
  link it(world.sockets(), tasks, {"broker", 9092}, {.sasl = std::move(sasl)});
  runtime::shard& here = runtime::shard::current();
  const auto end = here.now() + time;
  do {
    const auto open = co_await it.connected(here.now() + 5s);
    if (!open) {
      last = open.error();
      break;
    }
    const auto answer = co_await (*open)->call<protocol::metadata_response>(
        protocol::metadata_request{}, here.now() + 5s);
    last = answer ? error{error_code::none} : answer.error();
    co_await runtime::sleep_for(time / 1000);
  } while (here.now() < end);
  it.close();
  co_await tasks.join();
}

TEST(authentication, comes_before_the_first_request) {
  careful_broker broker;
  scripted_world world([&](const asked& question) { return broker.answer(question); });
  error last;
  world.run([&](runtime::world& w) { return ask_for(w, alice(), 0s, last); });
  EXPECT_EQ(last.code, error_code::none) << last.message;
  EXPECT_EQ(broker.authentications, 1);
  EXPECT_EQ(broker.others, 1);
}

TEST(authentication, comes_again_before_the_session_is_over_and_alone) {
  careful_broker broker;
  broker.session_ms = 2000;
  scripted_world world([&](const asked& question) { return broker.answer(question); });
  error last;
  world.run([&](runtime::world& w) { return ask_for(w, alice(), 20s, last); });
  EXPECT_EQ(last.code, error_code::none) << last.message;
  EXPECT_EQ(world.accepted(), 1);
  EXPECT_GE(broker.authentications, 11);
  EXPECT_LE(broker.authentications, 13);
  EXPECT_GT(broker.others, 500);
  EXPECT_FALSE(broker.was_disturbed);
}

TEST(authentication, fails_with_the_words_of_the_broker) {
  careful_broker broker;
  scripted_world world([&](const asked& question) { return broker.answer(question); });
  error last;
  world.run([&](runtime::world& w) { return ask_for(w, alice("wrong"), 0s, last); });
  EXPECT_EQ(last.code, error_code::sasl_authentication_failed);
  EXPECT_THAT(last.message,
              AllOf(HasSubstr("SCRAM-SHA-256 as alice"), HasSubstr("invalid credentials")));
  EXPECT_EQ(broker.others, 0);
}

error after_handshake(error_code code) {
  scripted_world world([&](const asked& question) -> reply {
    if (question.key == protocol::api_key::api_versions) {
      return {all_versions(question)};
    }
    protocol::sasl_handshake_response refusal;
    refusal.error_code = code;
    refusal.mechanisms = {"PLAIN", "GSSAPI"};
    return {answer_frame(question, refusal)};
  });
  error last;
  world.run([&](runtime::world& w) { return ask_for(w, alice(), 0s, last); });
  return last;
}

TEST(authentication, names_the_mechanisms_that_there_are) {
  EXPECT_THAT(after_handshake(error_code::unsupported_sasl_mechanism).message,
              HasSubstr("the broker has only PLAIN, GSSAPI (sasl.mechanisms)"));
}

TEST(authentication, says_that_the_listener_has_none) {
  EXPECT_THAT(after_handshake(error_code::illegal_sasl_state).message,
              HasSubstr("speaks no SASL (security.protocol)"));
}

TEST(authentication, hints_at_a_listener_that_demands_another_protocol) {
  error last;
  scripted_world tls([](const asked&) { return reply{.closes = true}; });
  tls.run([&](runtime::world& w) { return ask_for(w, nullptr, 0s, last); });
  EXPECT_THAT(last.message, HasSubstr("does its listener speak TLS (security.protocol)?"));
  scripted_world sasl([](const asked& question) {
    return question.key == protocol::api_key::api_versions ? reply{all_versions(question)}
                                                           : reply{.closes = true};
  });
  sasl.run([&](runtime::world& w) { return ask_for(w, nullptr, 0s, last); });
  EXPECT_THAT(last.message, HasSubstr("does its listener demand SASL (security.protocol)?"));
}

task<> serve_tls(runtime::world& world, const script& answer) {
  auto listener = world.sockets().listen({"", 9092}, 16);
  const auto file = [](const char* name) {
    return security::tls_store{.setting = name,
                               .location = std::string(BARNABAS_TEST_DATA "/security/") + name};
  };
  security::tls_source source(
      world.files(), security::tls_role::server,
      {.certificate = file("broker.pem"), .key = file("broker.key"), .verifies_server = false});
  auto accepted = co_await (*listener)->accept(runtime::shard::current());
  const auto context = co_await source.current();
  EXPECT_TRUE(context) << context.error().message;
  auto stream = co_await security::tls_stream::open(std::move(*accepted), *context, "",
                                                    runtime::shard::current().now() + 5s);
  EXPECT_TRUE(stream) << stream.error().message;
  if (stream) {
    co_await serve_one(std::move(*stream), answer);
  }
}

task<> ask_over_tls(runtime::world& world, error& last) {
  runtime::task_group tasks("link");
  const std::string root = BARNABAS_TEST_DATA "/security/root.pem";
  auto source = std::make_shared<security::tls_source>(
      world.files(), security::tls_role::client,
      security::tls_settings{.trust = {.setting = "ssl.ca.location", .location = root}});
  link it(world.sockets(), tasks, {"broker", 9092}, {.tls = source});
  const auto open = co_await it.connected(runtime::shard::current().now() + 5s);
  last = open ? error{error_code::none} : open.error();
  it.close();
  co_await tasks.join();
}

TEST(link, speaks_tls) {
  const script versions = [](const asked& question) { return reply{all_versions(question)}; };
  runtime::simulated::simulation sim(1);
  auto& broker = sim.add_machine("broker", 1);
  auto& client = sim.add_machine("client", 1);
  for (auto* machine : {&broker, &client}) {
    machine->set_clock_offset(
        std::chrono::milliseconds(1'800'000'000'000 - machine->wall_clock_ms()));
    for (const char* name : {"root.pem", "broker.pem", "broker.key"}) {
      const std::string path = std::string(BARNABAS_TEST_DATA "/security/") + name;
      std::ifstream in(path, std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(in), {}};
      ASSERT_TRUE(machine->files().create_folder(BARNABAS_TEST_DATA "/security"));
      ASSERT_TRUE(machine->files().replace_text(path, content));
    }
  }
  error last;
  broker.start([&](runtime::world& world) { return serve_tls(world, versions); });
  client.start([&](runtime::world& world) { return ask_over_tls(world, last); });
  EXPECT_TRUE(sim.run_until([&] { return !client.is_running(); }, 60s));
  EXPECT_EQ(last.code, error_code::none) << last.message;
}

}  // namespace
}  // namespace barnabas::rpc
