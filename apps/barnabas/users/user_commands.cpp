#include "users/user_commands.h"

#include <fmt/format.h>

#include "frame/administrator.h"
#include "frame/table.h"
#include "users/password_input.h"

namespace barnabas::app {
namespace {

constexpr std::string_view sha_256 = "scram-sha-256";
constexpr std::string_view sha_512 = "scram-sha-512";

std::string_view name_of(kafka::scram_mechanism mechanism) {
  return mechanism == kafka::scram_mechanism::sha_512 ? sha_512 : sha_256;
}

kafka::scram_mechanism mechanism_of(const std::string& name) {
  return name == sha_512 ? kafka::scram_mechanism::sha_512 : kafka::scram_mechanism::sha_256;
}

void add_mechanism_option(CLI::App& command, std::string& mechanism) {
  command.add_option("-m,--mechanism", mechanism, "How the user logs in")
      ->type_name("MECHANISM")
      ->check(CLI::IsMember({std::string(sha_256), std::string(sha_512)}))
      ->capture_default_str();
}

struct list_arguments {
  connection_flags connection;
  std::vector<std::string> users;
  bool is_json = false;
};

void describe_list(CLI::App& command, list_arguments& arguments) {
  command.add_option("user", arguments.users, "Only these users")->type_name("USER");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<> list_users(kafka::admin& admin, const list_arguments& arguments) {
  const auto users = admin.describe_user_scram_credentials(arguments.users);
  if (!users) {
    return fail_with(users.error());
  }
  table rows({{"USER", "user"}, {"MECHANISM", "mechanism"}, {"ITERATIONS", "iterations"}});
  failed_parts failed;
  for (const auto& [user, credentials] : *users) {
    if (!failed.check("user " + user, credentials)) {
      continue;
    }
    for (const kafka::scram_credential_info& credential : *credentials) {
      rows.add({text_cell(user), text_cell(name_of(credential.mechanism)),
                number_cell(credential.iterations)});
    }
  }
  if (!rows.empty() || failed.verdict()) {
    rows.print(standard_out(), arguments.is_json);
  }
  return failed.verdict();
}

struct change_arguments {
  connection_flags connection;
  std::string user;
  std::string mechanism{sha_256};
  std::int32_t iterations = 4096;
};

void describe_create(CLI::App& command, change_arguments& arguments) {
  command.add_option("user", arguments.user, "The user")->type_name("USER")->required();
  add_mechanism_option(command, arguments.mechanism);
  command.add_option("-i,--iterations", arguments.iterations, "4096 to 16384")
      ->type_name("N")
      ->capture_default_str();
  add_connection_options(command, arguments.connection);
  command.footer(
      "The password is the first line of standard input; on a terminal it is asked for. It does\n"
      "not leave this program: brokers get it salted. A user that is there gets a new password.");
}

void describe_delete(CLI::App& command, change_arguments& arguments) {
  command.add_option("user", arguments.user, "The user")->type_name("USER")->required();
  add_mechanism_option(command, arguments.mechanism);
  add_connection_options(command, arguments.connection);
}

outcome<> change(kafka::admin& admin, const std::string& user, kafka::scram_change change) {
  return verdict_on(admin.alter_user_scram_credentials({{user, {std::move(change)}}}),
                    [](const auto& name) { return "user " + name; });
}

outcome<> create_user(kafka::admin& admin, const change_arguments& arguments) {
  auto password = read_password(fmt::format("Password of {}", arguments.user));
  if (!password) {
    return std::unexpected(password.error());
  }
  return change(admin, arguments.user,
                {.mechanism = mechanism_of(arguments.mechanism),
                 .password = std::move(*password),
                 .iterations = arguments.iterations});
}

outcome<> delete_user(kafka::admin& admin, const change_arguments& arguments) {
  return change(admin, arguments.user, {.mechanism = mechanism_of(arguments.mechanism)});
}

}  // namespace

void add_user_commands(command_tree& tree) {
  CLI::App& user = tree.add_group("user", "Users of SASL/SCRAM that the brokers know.");
  add_administration(tree, user, "list", "Lists users.", describe_list, list_users);
  add_administration(tree, user, "create", "Makes a user, or gives one a new password.",
                     describe_create, create_user);
  add_administration(tree, user, "delete", "Deletes what a user logs in with.", describe_delete,
                     delete_user);
}

}  // namespace barnabas::app
