#include "users/acl_commands.h"

#include <fmt/format.h>

#include "frame/administrator.h"
#include "frame/table.h"
#include "users/acl_words.h"

namespace barnabas::app {
namespace {

constexpr std::string_view only_cluster = "kafka-cluster";

// What rules are about: names by kinds of resources.
struct resource_flags {
  std::vector<std::string> topics;
  std::vector<std::string> groups;
  std::vector<std::string> transactional_ids;
  std::vector<std::string> tokens;
  bool is_cluster = false;
  bool is_prefix = false;
};

struct acl_arguments {
  connection_flags connection;
  resource_flags resources;
  std::vector<std::string> principals;
  std::string principal;  // of new rules
  std::vector<std::string> operations;
  std::string permission;
  std::string host;
  bool removes_all = false;
  bool is_json = false;
};

void add_names(CLI::App& command, const std::string& flags, std::vector<std::string>& names,
               const std::string& what) {
  command.add_option(flags, names, what)->type_name("NAME")->allow_extra_args(false);
}

void add_resource_options(CLI::App& command, acl_arguments& arguments) {
  resource_flags& resources = arguments.resources;
  add_names(command, "-t,--topic", resources.topics, "About this topic; * for all; may come often");
  add_names(command, "-g,--group", resources.groups, "About this group");
  add_names(command, "--transactional-id", resources.transactional_ids,
            "About this transactional id");
  add_names(command, "--delegation-token", resources.tokens, "About this delegation token");
  command.add_flag("--on-cluster", resources.is_cluster, "About the cluster itself");
  command.add_flag("--prefix", resources.is_prefix, "Names are beginnings of names");
}

void add_filter_options(CLI::App& command, acl_arguments& arguments) {
  command.add_option("-p,--principal", arguments.principals, "Of this one, as in User:alice")
      ->type_name("PRINCIPAL")
      ->allow_extra_args(false);
  command.add_option("-o,--operation", arguments.operations, "For this operation")
      ->type_name("OPERATION")
      ->check(CLI::IsMember(operation_words()))
      ->allow_extra_args(false);
  command.add_option("--permission", arguments.permission, "Only rules that allow, or deny")
      ->type_name("WORD")
      ->check(CLI::IsMember({"allow", "deny"}));
  command.add_option("--host", arguments.host, "From this address")->type_name("HOST");
  add_resource_options(command, arguments);
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

using resource_name = std::pair<kafka::acl_resource_type, std::string>;

std::vector<resource_name> named_resources(const resource_flags& flags) {
  std::vector<resource_name> all;
  const auto take = [&](kafka::acl_resource_type type, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      all.emplace_back(type, name);
    }
  };
  take(kafka::acl_resource_type::topic, flags.topics);
  take(kafka::acl_resource_type::group, flags.groups);
  take(kafka::acl_resource_type::transactional_id, flags.transactional_ids);
  take(kafka::acl_resource_type::delegation_token, flags.tokens);
  if (flags.is_cluster) {
    all.emplace_back(kafka::acl_resource_type::cluster, only_cluster);
  }
  return all;
}

kafka::acl_permission permission_of(const std::string& word) {
  return word == "allow"  ? kafka::acl_permission::allow
         : word == "deny" ? kafka::acl_permission::deny
                          : kafka::acl_permission::any;
}

// One filter for each resource, principal and operation that is named.
std::vector<kafka::acl_filter> filters_of(const acl_arguments& arguments) {
  kafka::acl_filter model{.permission = permission_of(arguments.permission)};
  if (!arguments.host.empty()) {
    model.host = arguments.host;
  }
  if (arguments.resources.is_prefix) {
    model.pattern = kafka::acl_pattern::prefixed;
  }
  std::vector<kafka::acl_filter> filters{model};
  const auto spread = [&filters](const auto& choices, auto set) {
    std::vector<kafka::acl_filter> more;
    for (const kafka::acl_filter& filter : filters) {
      for (const auto& choice : choices) {
        set(more.emplace_back(filter), choice);
      }
    }
    if (!more.empty()) {
      filters = std::move(more);
    }
  };
  spread(named_resources(arguments.resources), [](kafka::acl_filter& filter, const auto& resource) {
    filter.type = resource.first;
    filter.name = resource.second;
  });
  spread(arguments.principals,
         [](kafka::acl_filter& filter, const auto& principal) { filter.principal = principal; });
  spread(arguments.operations, [](kafka::acl_filter& filter, const auto& word) {
    filter.operation = parse_operation(word).value_or(kafka::acl_operation::any);
  });
  return filters;
}

table rule_table() {
  return table({{"RESOURCE", "resource"},
                {"NAME", "name"},
                {"PATTERN", "pattern"},
                {"PRINCIPAL", "principal"},
                {"HOST", "host"},
                {"PERMISSION", "permission"},
                {"OPERATION", "operation"}});
}

void add_rule(table& rows, const kafka::acl_binding& rule) {
  const bool denies = rule.permission == kafka::acl_permission::deny;
  rows.add({text_cell(word_of(rule.type)), text_cell(rule.name), text_cell(word_of(rule.pattern)),
            text_cell(rule.principal), text_cell(rule.host),
            text_cell(word_of(rule.permission)).painted(denies ? colour::red : colour::none),
            text_cell(word_of(rule.operation))});
}

std::string text_of(const kafka::acl_binding& rule) {
  return fmt::format("{} {} {} on {} {}", rule.principal, word_of(rule.permission),
                     word_of(rule.operation), word_of(rule.type), rule.name);
}

outcome<> list_rules(kafka::admin& admin, const acl_arguments& arguments) {
  table rows = rule_table();
  for (const kafka::acl_filter& filter : filters_of(arguments)) {
    const auto rules = admin.describe_acls(filter);
    if (!rules) {
      return fail_with(rules.error());
    }
    for (const kafka::acl_binding& rule : *rules) {
      add_rule(rows, rule);
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return {};
}

void describe_add(CLI::App& command, acl_arguments& arguments) {
  command.add_option("permission", arguments.permission, "Whether it is allowed or denied")
      ->type_name("PERMISSION")
      ->required()
      ->check(CLI::IsMember({"allow", "deny"}));
  command.add_option("principal", arguments.principal, "Whom, as in User:alice or User:*")
      ->type_name("PRINCIPAL")
      ->required();
  command.add_option("operation", arguments.operations, "What")
      ->type_name("OPERATION")
      ->check(CLI::IsMember(operation_words()))
      ->required();
  command.add_option("--host", arguments.host, "From this address only")->type_name("HOST");
  add_resource_options(command, arguments);
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
  command.footer("barnabas acl add allow User:alice read describe --topic letters");
}

std::vector<kafka::acl_binding> bindings_of(const acl_arguments& arguments) {
  std::vector<kafka::acl_binding> rules;
  for (const auto& [type, name] : named_resources(arguments.resources)) {
    for (const std::string& operation : arguments.operations) {
      rules.push_back({.type = type,
                       .name = name,
                       .pattern = arguments.resources.is_prefix ? kafka::acl_pattern::prefixed
                                                                : kafka::acl_pattern::literal,
                       .principal = arguments.principal,
                       .host = arguments.host.empty() ? "*" : arguments.host,
                       .operation = parse_operation(operation).value_or(kafka::acl_operation::any),
                       .permission = permission_of(arguments.permission)});
    }
  }
  return rules;
}

outcome<> add_rules(kafka::admin& admin, const acl_arguments& arguments) {
  const auto rules = bindings_of(arguments);
  if (rules.empty()) {
    return wrong_usage("what is the rule about?",
                       "--topic, --group, --on-cluster and others say it.");
  }
  const auto created = admin.create_acls(rules);
  if (!created) {
    return fail_with(created.error());
  }
  table rows = rule_table();
  failed_parts failed;
  for (const auto& [rule, done] : *created) {
    if (failed.check(text_of(rule), done)) {
      add_rule(rows, rule);
    }
  }
  if (!rows.empty()) {
    rows.print(standard_out(), arguments.is_json);
  }
  return failed.verdict();
}

void describe_remove(CLI::App& command, acl_arguments& arguments) {
  command.add_flag("--all", arguments.removes_all, "Every rule there is");
  add_filter_options(command, arguments);
}

outcome<> remove_rules(kafka::admin& admin, const acl_arguments& arguments) {
  const auto filters = filters_of(arguments);
  if (filters == std::vector<kafka::acl_filter>{{}} && !arguments.removes_all) {
    return wrong_usage("which rules?",
                       "--principal, --topic and others choose; --all removes every rule.");
  }
  const auto deleted = admin.delete_acls(filters);
  if (!deleted) {
    return fail_with(deleted.error());
  }
  table rows = rule_table();
  failed_parts failed;
  for (const auto& [filter, rules] : *deleted) {
    if (!failed.check("acl", rules)) {
      continue;
    }
    for (const auto& [rule, done] : *rules) {
      if (failed.check(text_of(rule), done)) {
        add_rule(rows, rule);
      }
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return failed.verdict();
}

}  // namespace

void add_acl_commands(command_tree& tree) {
  CLI::App& acl = tree.add_group("acl", "Who may do what.");
  add_administration(tree, acl, "list", "Lists rules.", add_filter_options, list_rules);
  add_administration(tree, acl, "add", "Adds rules.", describe_add, add_rules);
  add_administration(tree, acl, "remove", "Removes rules and prints them.", describe_remove,
                     remove_rules);
}

}  // namespace barnabas::app
