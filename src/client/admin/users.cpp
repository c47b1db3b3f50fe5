#include "client/admin/users.h"

#include <fmt/format.h>

#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "protocol/messages/describe_user_scram_credentials_request.h"
#include "protocol/messages/describe_user_scram_credentials_response.h"
#include "security/scram.h"

namespace barnabas::client {
namespace {

using kafka::each;
using kafka::scram_change;
using credential_list = std::vector<kafka::scram_credential_info>;
using credentials_by_user = each<std::string, credential_list>;
using user_names = std::vector<std::string>;
using alter_request = protocol::alter_user_scram_credentials_request;

constexpr std::size_t salt_words = 4;  // of 64 random bits each

// A password as it is sent.
struct salted {
  std::string salt;
  std::string password;
};
using salted_by_user = std::map<std::string, std::vector<salted>>;

std::string random_salt() {
  std::array<std::uint64_t, salt_words> words{};
  for (std::uint64_t& word : words) {
    word = runtime::shard::current().random();
  }
  return std::string(as_text(std::as_bytes(std::span(words))));
}

salted salt(const scram_change& change) {
  if (!change.password) {
    return {};
  }
  const auto mechanism = static_cast<security::scram_mechanism>(change.mechanism);
  std::string salt = random_salt();
  std::string password =
      security::salted_password(mechanism, *change.password, salt, change.iterations);
  return {std::move(salt), std::move(password)};
}

kafka::result<> check(const std::map<std::string, std::vector<scram_change>>& changes) {
  for (const auto& [user, some] : changes) {
    for (const scram_change& change : some) {
      const bool is_in_range = change.iterations >= security::least_scram_iterations &&
                               change.iterations <= security::most_scram_iterations;
      if (change.password && !is_in_range) {
        return public_error(error{
            error_code::unacceptable_credential,
            fmt::format("{} iterations for user {}: {} to {} are allowed", change.iterations, user,
                        security::least_scram_iterations, security::most_scram_iterations)});
      }
    }
  }
  return {};
}

void add(alter_request& request, const std::string& user, const scram_change& change,
         const salted& secret) {
  const auto mechanism = static_cast<std::int8_t>(change.mechanism);
  if (!change.password) {
    request.deletions.push_back({user, mechanism});
    return;
  }
  request.upsertions.push_back(
      {user, mechanism, change.iterations, as_bytes(secret.salt), as_bytes(secret.password)});
}

void read_credentials(const protocol::describe_user_scram_credentials_response& said,
                      credentials_by_user& into) {
  for (const auto& user : said.results) {
    into.emplace(
        user.user, outcome_of(user, [&] {
          credential_list all;
          for (const auto& info : user.credential_infos) {
            all.push_back({static_cast<kafka::scram_mechanism>(info.mechanism), info.iterations});
          }
          return all;
        }));
  }
}

}  // namespace

answer_to<credentials_by_user> describe_user_scram_credentials(cluster& cluster,
                                                               const user_names& users) {
  auto call = call_of_one<protocol::describe_user_scram_credentials_request,
                          protocol::describe_user_scram_credentials_response, credentials_by_user>(
      to_any_broker);
  call.request = [&users](const auto&, const request_terms&) {
    protocol::describe_user_scram_credentials_request request;
    request.users.reset();
    for (const std::string& user : users) {
      if (!request.users) {
        request.users.emplace();
      }
      request.users->push_back({user});
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    credentials_by_user all;
    read_credentials(said, all);
    told.tell_only(std::move(all));
  };
  return ask_one(cluster, std::move(call));
}

answer_to<each<std::string>> alter_user_scram_credentials(
    cluster& cluster, const std::map<std::string, std::vector<scram_change>>& changes) {
  if (const auto checked = check(changes); !checked) {
    co_return checked.error();
  }
  salted_by_user secrets;
  for (const auto& [user, some] : changes) {
    for (const scram_change& change : some) {
      secrets[user].push_back(salt(change));
    }
  }
  call_about<alter_request, protocol::alter_user_scram_credentials_response, std::string> call{
      .keys = keys_of(changes), .route = to_controller};
  call.request = [&changes, &secrets](const user_names& some, const request_terms&) {
    alter_request request;
    for (const std::string& user : some) {
      const auto& wanted = changes.at(user);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        add(request, user, wanted[i], secrets.at(user)[i]);
      }
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& user : said.results) {
      told.tell(std::string(user.user), outcome_of(user));
    }
  };
  co_return co_await ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
