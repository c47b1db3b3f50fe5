#include "users/quota_commands.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "frame/administrator.h"
#include "frame/human_units.h"
#include "frame/table.h"

namespace barnabas::app {
namespace {

constexpr std::array entity_types{std::string_view("user"), std::string_view("client-id"),
                                  std::string_view("ip")};

// Whose quota: names, and for which types the default.
struct entity_flags {
  std::string user;
  std::string client;
  std::string ip;
  bool user_default = false;
  bool client_default = false;
  bool ip_default = false;

  kafka::quota_entity entity() const {
    kafka::quota_entity it;
    const auto take = [&](std::string_view type, const std::string& name, bool is_default) {
      if (!name.empty() || is_default) {
        it[std::string(type)] = is_default ? std::nullopt : std::optional(name);
      }
    };
    take("user", user, user_default);
    take("client-id", client, client_default);
    take("ip", ip, ip_default);
    return it;
  }
};

void add_entity_options(CLI::App& command, entity_flags& flags) {
  CLI::Option* user = command.add_option("-u,--user", flags.user, "Of this user");
  user->type_name("USER");
  command.add_flag("--user-default", flags.user_default, "Of users without one")->excludes(user);
  CLI::Option* client = command.add_option("-c,--client", flags.client, "Of this client.id");
  client->type_name("ID");
  command.add_flag("--client-default", flags.client_default, "Of client ids without one")
      ->excludes(client);
  CLI::Option* ip = command.add_option("--ip", flags.ip, "Of this address");
  ip->type_name("ADDRESS");
  command.add_flag("--ip-default", flags.ip_default, "Of addresses without one")->excludes(ip);
}

struct list_arguments {
  connection_flags connection;
  entity_flags entity;
  bool is_json = false;
};

void describe_list(CLI::App& command, list_arguments& arguments) {
  add_entity_options(command, arguments.entity);
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

cell entity_cell(const kafka::quota_entity& entity, std::string_view type) {
  const auto found = entity.find(std::string(type));
  if (found == entity.end()) {
    return no_value();
  }
  return found->second ? text_cell(*found->second) : cell{"(default)", "\"\""};
}

// Rates of bytes in units of bytes.
cell value_cell(const std::string& name, double value) {
  cell plain = real_cell(value);
  if (name.ends_with("byte_rate")) {
    plain.text = bytes_text(static_cast<std::int64_t>(value)) + "/s";
  }
  return plain;
}

outcome<> list_quotas(kafka::admin& admin, const list_arguments& arguments) {
  kafka::quota_filter filter;
  for (const auto& [type, name] : arguments.entity.entity()) {
    filter.parts.push_back(
        {.entity_type = type,
         .match = name ? kafka::quota_match::exact : kafka::quota_match::standard,
         .name = name.value_or("")});
  }
  const auto quotas = admin.describe_client_quotas(filter);
  if (!quotas) {
    return fail_with(quotas.error());
  }
  table rows({{"USER", "user"},
              {"CLIENT", "client"},
              {"IP", "ip"},
              {"QUOTA", "quota"},
              {"VALUE", "value"}});
  for (const auto& [entity, values] : *quotas) {
    for (const auto& [name, value] : values) {
      rows.add({entity_cell(entity, entity_types[0]), entity_cell(entity, entity_types[1]),
                entity_cell(entity, entity_types[2]), text_cell(name), value_cell(name, value)});
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return {};
}

struct change_arguments {
  connection_flags connection;
  entity_flags entity;
  std::vector<std::string> quotas;
  bool is_trial = false;
};

void add_change_options(CLI::App& command, change_arguments& arguments) {
  add_entity_options(command, arguments.entity);
  command.add_flag("--dry-run", arguments.is_trial, "Only ask whether the cluster would do it");
  add_connection_options(command, arguments.connection);
  command.footer(
      "Quotas are producer_byte_rate, consumer_byte_rate, request_percentage,\n"
      "controller_mutation_rate, and connection_creation_rate of addresses.");
}

void describe_set(CLI::App& command, change_arguments& arguments) {
  command
      .add_option("quota", arguments.quotas,
                  "As in producer_byte_rate=1M; k, M, G are powers of 1024")
      ->type_name("NAME=VALUE")
      ->required();
  add_change_options(command, arguments);
}

void describe_unset(CLI::App& command, change_arguments& arguments) {
  command.add_option("quota", arguments.quotas, "Quotas that are taken back")
      ->type_name("QUOTA")
      ->required();
  add_change_options(command, arguments);
}

outcome<> change(kafka::admin& admin, const change_arguments& arguments,
                 const kafka::quota_changes& changes) {
  const kafka::quota_entity entity = arguments.entity.entity();
  if (entity.empty()) {
    return wrong_usage("whose quota is it?",
                       "--user, --client and --ip say it, or --user-default and others.");
  }
  return verdict_on(admin.alter_client_quotas({{entity, changes}}, arguments.is_trial),
                    [](const auto&) { return std::string("quota"); });
}

std::optional<double> parse_value(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) {
    return value;
  }
  const auto bytes = parse_bytes(text);
  return bytes ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
}

outcome<> set_quotas(kafka::admin& admin, const change_arguments& arguments) {
  kafka::quota_changes changes;
  for (const std::string& text : arguments.quotas) {
    const auto quota = parse_assignment(text, "quota");
    const auto value = quota ? parse_value(quota->second) : std::nullopt;
    if (!value) {
      return quota ? wrong_usage(fmt::format("{}: this is no number", text))
                   : std::unexpected(quota.error());
    }
    changes[quota->first] = *value;
  }
  return change(admin, arguments, changes);
}

outcome<> unset_quotas(kafka::admin& admin, const change_arguments& arguments) {
  kafka::quota_changes changes;
  for (const std::string& name : arguments.quotas) {
    changes[name] = std::nullopt;
  }
  return change(admin, arguments, changes);
}

}  // namespace

void add_quota_commands(command_tree& tree) {
  CLI::App& quota = tree.add_group("quota", "Rates that clients are held to.");
  add_administration(tree, quota, "list", "Lists quotas.", describe_list, list_quotas);
  add_administration(tree, quota, "set", "Sets quotas of a user, client id or address.",
                     describe_set, set_quotas);
  add_administration(tree, quota, "unset", "Takes quotas back.", describe_unset, unset_quotas);
}

}  // namespace barnabas::app
