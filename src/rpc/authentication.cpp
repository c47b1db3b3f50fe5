#include "rpc/authentication.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "protocol/messages/sasl_authenticate_request.h"
#include "protocol/messages/sasl_authenticate_response.h"
#include "protocol/messages/sasl_handshake_request.h"
#include "protocol/messages/sasl_handshake_response.h"
#include "runtime/shard.h"
#include "security/scram_exchange.h"

namespace barnabas::rpc {
namespace {

using runtime::task;

std::string fresh_nonce() {
  runtime::shard& here = runtime::shard::current();
  const std::uint64_t first = here.random();
  return fmt::format("{:016x}{:016x}", first, here.random());
}

task<result<security::bearer_token>> token_for(const sasl_settings& settings,
                                               runtime::steady_time deadline) {
  if (settings.fetch_token) {
    co_return co_await settings.fetch_token(deadline);
  }
  const std::int64_t now_ms = runtime::shard::current().wall_clock_ms();
  co_return co_await runtime::blocking([&] { return settings.token(now_ms); });
}

task<result<std::unique_ptr<security::sasl_client>>> make_client(const sasl_settings& settings,
                                                                 runtime::steady_time deadline) {
  if (settings.mechanism == "PLAIN") {
    co_return security::make_plain_client(settings.user, settings.password);
  }
  if (const auto scram = security::scram_mechanism_of(settings.mechanism)) {
    co_return security::make_scram_client(*scram, settings.user, settings.password, fresh_nonce(),
                                          settings.is_delegation_token);
  }
  auto token = co_await token_for(settings, deadline);
  if (!token) {
    co_return fail(token.error().code, "no token: " + token.error().message);
  }
  co_return security::make_bearer_client(std::move(*token));
}

error failed(const connection& with, const sasl_settings& settings, const std::string& why) {
  return {
      error_code::sasl_authentication_failed,
      fmt::format("{}: authentication by {}{} has failed: {}", with.peer().to_string(),
                  settings.mechanism, settings.user.empty() ? "" : " as " + settings.user, why)};
}

// Asks for the mechanism. The broker's answer names those that it has.
task<result<>> shake_hands(connection& with, const sasl_settings& settings,
                           runtime::steady_time deadline) {
  protocol::sasl_handshake_request question;
  question.mechanism = settings.mechanism;
  const auto answer = co_await with.call<protocol::sasl_handshake_response>(question, deadline);
  if (!answer) {
    co_return fail(answer.error());
  }
  const error_code code = answer->message.error_code;
  if (code == error_code::unsupported_sasl_mechanism) {
    co_return fail(failed(with, settings,
                          fmt::format("the broker has only {} (sasl.mechanisms)",
                                      fmt::join(answer->message.mechanisms, ", "))));
  }
  if (code == error_code::illegal_sasl_state) {
    co_return fail(failed(with, settings, "its listener speaks no SASL (security.protocol)"));
  }
  co_return code == error_code::none ? result<>{}
                                     : fail(failed(with, settings, std::string(error_name(code))));
}

struct broker_says {
  std::string bytes;
  runtime::duration session{};
};
task<result<broker_says>> say(connection& with, const sasl_settings& settings,
                              const std::string& message, runtime::steady_time deadline) {
  protocol::sasl_authenticate_request question;
  question.auth_bytes = as_bytes(message);
  const auto answer = co_await with.call<protocol::sasl_authenticate_response>(question, deadline);
  if (!answer) {
    co_return fail(answer.error());
  }
  const auto& said = answer->message;
  if (said.error_code != error_code::none) {
    const std::string name(error_name(said.error_code));
    co_return fail(
        failed(with, settings, said.error_message ? std::string(*said.error_message) : name));
  }
  co_return broker_says{std::string(as_text(said.auth_bytes)),
                        std::chrono::milliseconds(said.session_lifetime_ms)};
}

}  // namespace

task<result<runtime::duration>> authenticate(connection& with, const sasl_settings& settings,
                                             runtime::steady_time deadline) {
  const auto client = co_await make_client(settings, deadline);
  if (!client) {
    co_return fail(client.error().code, failed(with, settings, client.error().message).message);
  }
  if (auto shaken = co_await shake_hands(with, settings, deadline); !shaken) {
    co_return fail(std::move(shaken.error()));
  }
  broker_says last;
  for (;;) {
    const auto message = (*client)->respond(last.bytes);
    if (!message) {
      co_return fail(failed(with, settings, message.error().message));
    }
    if ((*client)->is_done() && message->empty()) {
      co_return last.session;
    }
    auto said = co_await say(with, settings, *message, deadline);
    if (!said) {
      co_return fail(std::move(said.error()));
    }
    last = std::move(*said);
    if ((*client)->is_done()) {
      co_return last.session;
    }
  }
}

task<> keep_authenticated(std::shared_ptr<connection> with,
                          std::shared_ptr<const sasl_settings> settings, runtime::duration session,
                          runtime::duration patience) {
  runtime::shard& here = runtime::shard::current();
  while (session > runtime::duration::zero()) {
    // As Java's client: after 85 to 95 % of the time, so that not all come at once.
    const auto until = here.now() + session * (85 + here.random() % 10) / 100;
    while (with->is_open() && here.now() < until) {
      co_await with->ended().wait_until(until);
    }
    if (!with->is_open()) {
      co_return;
    }
    with->hold();
    const auto again = co_await authenticate(*with, *settings, here.now() + patience);
    with->release();
    if (!again) {
      with->end(again.error());
      co_return;
    }
    session = *again;
  }
}

}  // namespace barnabas::rpc
