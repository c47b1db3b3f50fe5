#include "broker/handlers/alter_user_scram_credentials.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "broker/handlers/scram_text.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::alter_user_scram_credentials_request;
using protocol::alter_user_scram_credentials_response;

// What is asked of one user, or why it is refused.
struct asked_user {
  cluster::credential_change change;
  result<> outcome;
};
// In the order in which they are named first.
using asked_users = std::vector<asked_user>;

asked_user& find_or_add(asked_users& all, std::string_view name) {
  const auto known = std::ranges::find(
      all, name, [](const asked_user& one) -> std::string_view { return one.change.user; });
  return known == all.end() ? all.emplace_back(asked_user{{std::string(name), {}}, {}}) : *known;
}

result<security::scram_mechanism> check_mechanism(std::string_view user, std::int8_t number) {
  if (user.empty()) {
    return fail(error_code::unacceptable_credential, "a user has a name");
  }
  for (const auto known : security::scram_mechanisms) {
    if (static_cast<std::int8_t>(known) == number) {
      return known;
    }
  }
  return fail(error_code::unsupported_sasl_mechanism,
              fmt::format("{} is the number of no SCRAM mechanism", number));
}

result<> check_iterations(std::int32_t iterations) {
  if (iterations < security::least_scram_iterations ||
      iterations > security::most_scram_iterations) {
    return fail(error_code::unacceptable_credential,
                fmt::format("{} iterations: {} to {} are allowed", iterations,
                            security::least_scram_iterations, security::most_scram_iterations));
  }
  return {};
}

void add(asked_user& user, const result<cluster::credential_edit>& edit) {
  if (edit) {
    user.change.edits.push_back(*edit);
  } else if (user.outcome) {
    user.outcome = std::unexpected(edit.error());
  }
}

result<cluster::credential_edit> edit_of(
    const alter_user_scram_credentials_request::scram_credential_deletion& asked) {
  const auto mechanism = check_mechanism(asked.name, asked.mechanism);
  if (!mechanism) {
    return std::unexpected(mechanism.error());
  }
  return cluster::credential_edit{std::string(security::name_of(*mechanism)), std::nullopt};
}

result<cluster::credential_edit> edit_of(
    const alter_user_scram_credentials_request::scram_credential_upsertion& asked) {
  const auto mechanism = check_mechanism(asked.name, asked.mechanism);
  if (!mechanism) {
    return std::unexpected(mechanism.error());
  }
  if (auto allowed = check_iterations(asked.iterations); !allowed) {
    return std::unexpected(std::move(allowed.error()));
  }
  const auto credential =
      security::make_scram_credential(*mechanism, std::string(as_text(asked.salt)),
                                      asked.iterations, as_text(asked.salted_password));
  return cluster::credential_edit{std::string(security::name_of(*mechanism)),
                                  scram_text(credential)};
}

void refuse_twice(asked_user& user) {
  for (auto edit = user.change.edits.begin(); edit != user.change.edits.end(); ++edit) {
    const bool is_again = std::any_of(user.change.edits.begin(), edit, [&](const auto& before) {
      return before.mechanism == edit->mechanism;
    });
    if (user.outcome && is_again) {
      user.outcome =
          fail(error_code::duplicate_resource, fmt::format("{} is named twice", edit->mechanism));
    }
  }
}

asked_users users_of(const alter_user_scram_credentials_request& message) {
  asked_users users;
  for (const auto& deletion : message.deletions) {
    add(find_or_add(users, deletion.name), edit_of(deletion));
  }
  for (const auto& upsertion : message.upsertions) {
    add(find_or_add(users, upsertion.name), edit_of(upsertion));
  }
  std::ranges::for_each(users, refuse_twice);
  return users;
}

}  // namespace

runtime::task<owned_response<alter_user_scram_credentials_response>> alter_user_scram_credentials(
    metadata_services services, alter_user_scram_credentials_request message) {
  const auto users = std::make_shared<asked_users>(users_of(message));
  std::vector<cluster::credential_change> changes;
  for (const asked_user& user : *users) {
    if (user.outcome) {
      changes.push_back(user.change);
    }
  }
  auto outcomes = co_await ask_controller(services, [&changes](cluster::controller& controller) {
    return controller.alter_credentials(std::move(changes));
  });
  alter_user_scram_credentials_response out;
  auto next = outcomes.begin();
  for (asked_user& user : *users) {
    if (user.outcome) {
      user.outcome = std::move(*next++);
    }
    auto& one = out.results.emplace_back();
    one.user = user.change.user;
    one.error_message = std::nullopt;
    if (!user.outcome) {
      one.error_code = user.outcome.error().code;
      one.error_message = user.outcome.error().message;
    }
  }
  co_return owned_response<alter_user_scram_credentials_response>{std::move(out), users};
}

}  // namespace barnabas::broker::handlers
