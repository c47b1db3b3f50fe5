#include "users/token_commands.h"

#include <fmt/format.h>

#include "frame/administrator.h"
#include "frame/human_units.h"
#include "frame/json_text.h"
#include "frame/table.h"
#include "security/base64.h"

namespace barnabas::app {
namespace {

// "User:alice"
outcome<kafka::principal_name> parse_principal(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    return wrong_usage(fmt::format("{}: this is nobody", text), "As in User:alice.");
  }
  return kafka::principal_name{text.substr(0, colon), text.substr(colon + 1)};
}

outcome<std::vector<kafka::principal_name>> parse_principals(
    const std::vector<std::string>& texts) {
  std::vector<kafka::principal_name> all;
  for (const std::string& text : texts) {
    auto one = parse_principal(text);
    if (!one) {
      return std::unexpected(one.error());
    }
    all.push_back(std::move(*one));
  }
  return all;
}

// Nothing: as the brokers' settings say.
outcome<std::int64_t> parse_period(const std::string& text, std::string_view flag) {
  if (text.empty()) {
    return -1;
  }
  const auto period = parse_duration_ms(text);
  return period ? outcome<std::int64_t>(*period)
                : wrong_usage(fmt::format("{} {}: this is no duration", flag, text),
                              "As in 90s, 15m, 2h, 7d.");
}

std::string text_of(const kafka::principal_name& principal) {
  return principal.name.empty() ? "" : principal.type + ':' + principal.name;
}

cell principal_cell(const kafka::principal_name& principal) {
  const std::string text = text_of(principal);
  return text.empty() ? no_value() : text_cell(text);
}

table token_table() {
  return table({{"TOKEN", "token"},
                {"HMAC", "hmac"},
                {"OWNER", "owner"},
                {"REQUESTER", "requester"},
                {"RENEWERS", "renewers"},
                {"ISSUED", "issued"},
                {"EXPIRES", "expires"},
                {"AT MOST", "expires_at_most"}});
}

void add_token(table& rows, const kafka::delegation_token& token) {
  std::vector<std::string> renewers;
  for (const kafka::principal_name& renewer : token.renewers) {
    renewers.push_back(text_of(renewer));
  }
  rows.add({text_cell(token.id), text_cell(security::to_base64(token.hmac)),
            principal_cell(token.owner), principal_cell(token.requester), list_cell(renewers),
            time_cell(token.issued_ms), time_cell(token.expires_ms),
            time_cell(token.expires_at_most_ms)});
}

struct create_arguments {
  connection_flags connection;
  std::string owner;
  std::vector<std::string> renewers;
  std::string lifetime;
  bool is_json = false;
};

void describe_create(CLI::App& command, create_arguments& arguments) {
  command.add_option("--owner", arguments.owner, "Whom it stands for; who asks without")
      ->type_name("User:NAME");
  command.add_option("--renewer", arguments.renewers, "Who else may renew it; may come often")
      ->type_name("User:NAME")
      ->allow_extra_args(false);
  command
      .add_option("--lifetime", arguments.lifetime,
                  "Until when it can be renewed, as in 7d (as the brokers' settings say)")
      ->type_name("DURATION");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
  command.footer(
      "A client that logs in with it has sasl.mechanism=SCRAM-SHA-256 and sasl.jaas.config with\n"
      "ScramLoginModule, where username is TOKEN, password HMAC, and tokenauth=true.");
}

outcome<> create_token(kafka::admin& admin, const create_arguments& arguments) {
  kafka::new_delegation_token wanted;
  auto renewers = parse_principals(arguments.renewers);
  const auto lifetime = parse_period(arguments.lifetime, "--lifetime");
  if (!renewers || !lifetime) {
    return std::unexpected(renewers ? lifetime.error() : renewers.error());
  }
  if (!arguments.owner.empty()) {
    auto owner = parse_principal(arguments.owner);
    if (!owner) {
      return std::unexpected(owner.error());
    }
    wanted.owner = std::move(*owner);
  }
  wanted.renewers = std::move(*renewers);
  wanted.max_lifetime_ms = *lifetime;
  const auto made = admin.create_delegation_token(wanted);
  if (!made) {
    return fail_with(made.error());
  }
  table row = token_table();
  add_token(row, *made);
  row.print_upright(standard_out(), arguments.is_json);
  return {};
}

struct list_arguments {
  connection_flags connection;
  std::vector<std::string> owners;
  bool is_json = false;
};

void describe_list(CLI::App& command, list_arguments& arguments) {
  command.add_option("owner", arguments.owners, "Only tokens of these")->type_name("User:NAME");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<> list_tokens(kafka::admin& admin, const list_arguments& arguments) {
  const auto owners = parse_principals(arguments.owners);
  if (!owners) {
    return std::unexpected(owners.error());
  }
  const auto tokens = admin.describe_delegation_tokens(*owners);
  if (!tokens) {
    return fail_with(tokens.error());
  }
  table rows = token_table();
  for (const kafka::delegation_token& token : *tokens) {
    add_token(rows, token);
  }
  rows.print(standard_out(), arguments.is_json);
  return {};
}

struct period_arguments {
  connection_flags connection;
  std::string hmac;
  std::string period;
  bool is_json = false;
};

void add_hmac_option(CLI::App& command, period_arguments& arguments) {
  command.add_option("hmac", arguments.hmac, "The token's HMAC, as `token list` shows it")
      ->type_name("HMAC")
      ->required();
}

void describe_renew(CLI::App& command, period_arguments& arguments) {
  add_hmac_option(command, arguments);
  command
      .add_option("--for", arguments.period,
                  "How long from now, as in 1d (as the brokers' settings say)")
      ->type_name("DURATION");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

void describe_expire(CLI::App& command, period_arguments& arguments) {
  add_hmac_option(command, arguments);
  command.add_option("--in", arguments.period, "When, as in 10m; at once without")
      ->type_name("DURATION");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

using period_call = kafka::result<std::int64_t> (kafka::admin::*)(const std::string&, std::int64_t);

outcome<> set_end(kafka::admin& admin, const period_arguments& arguments, period_call call,
                  std::string_view flag) {
  const auto hmac = from_base64(arguments.hmac);
  const auto period = parse_period(arguments.period, flag);
  if (!hmac) {
    return wrong_usage("HMAC is not base64", "`barnabas token list` shows it.");
  }
  if (!period) {
    return std::unexpected(period.error());
  }
  const auto expires = (admin.*call)(*hmac, *period);
  if (!expires) {
    return fail_with(expires.error());
  }
  table row({{"EXPIRES", "expires"}});
  row.add({time_cell(*expires)});
  row.print(standard_out(), arguments.is_json);
  return {};
}

outcome<> renew_token(kafka::admin& admin, const period_arguments& arguments) {
  return set_end(admin, arguments, &kafka::admin::renew_delegation_token, "--for");
}

outcome<> expire_token(kafka::admin& admin, const period_arguments& arguments) {
  return set_end(admin, arguments, &kafka::admin::expire_delegation_token, "--in");
}

}  // namespace

void add_token_commands(command_tree& tree) {
  CLI::App& token =
      tree.add_group("token", "Delegation tokens: secrets for a while in place of a user's own.");
  add_administration(tree, token, "create", "Makes a token and shows it.", describe_create,
                     create_token);
  add_administration(tree, token, "list", "Lists tokens that this client may see.", describe_list,
                     list_tokens);
  add_administration(tree, token, "renew", "Lets a token live longer.", describe_renew,
                     renew_token);
  add_administration(tree, token, "expire", "Ends a token.", describe_expire, expire_token);
}

}  // namespace barnabas::app
