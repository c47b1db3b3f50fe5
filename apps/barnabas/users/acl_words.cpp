#include "users/acl_words.h"

#include <algorithm>
#include <array>
#include <CLI/CLI.hpp>
#include <span>

namespace barnabas::app {
namespace {

template <class Value>
struct word {
  Value value;
  std::string_view text;
};

template <class Value>
std::string_view text_in(std::span<const word<Value>> words, Value value) {
  const auto found = std::ranges::find(words, value, &word<Value>::value);
  return found == words.end() ? "unknown" : found->text;
}

using kafka::acl_operation;
using kafka::acl_pattern;
using kafka::acl_permission;
using kafka::acl_resource_type;

constexpr std::array<word<acl_resource_type>, 7> types{
    {{acl_resource_type::any, "any"},
     {acl_resource_type::topic, "topic"},
     {acl_resource_type::group, "group"},
     {acl_resource_type::cluster, "cluster"},
     {acl_resource_type::transactional_id, "transactional-id"},
     {acl_resource_type::delegation_token, "delegation-token"},
     {acl_resource_type::user, "user"}}};

constexpr std::array<word<acl_pattern>, 4> patterns{{{acl_pattern::any, "any"},
                                                     {acl_pattern::match, "match"},
                                                     {acl_pattern::literal, "literal"},
                                                     {acl_pattern::prefixed, "prefix"}}};

constexpr std::array<word<acl_permission>, 3> permissions{{{acl_permission::any, "any"},
                                                           {acl_permission::deny, "deny"},
                                                           {acl_permission::allow, "allow"}}};

constexpr std::array<word<acl_operation>, 14> operations{
    {{acl_operation::all, "all"},
     {acl_operation::read, "read"},
     {acl_operation::write, "write"},
     {acl_operation::create, "create"},
     {acl_operation::remove, "delete"},
     {acl_operation::alter, "alter"},
     {acl_operation::describe, "describe"},
     {acl_operation::cluster_action, "cluster-action"},
     {acl_operation::describe_configs, "describe-configs"},
     {acl_operation::alter_configs, "alter-configs"},
     {acl_operation::idempotent_write, "idempotent-write"},
     {acl_operation::create_tokens, "create-tokens"},
     {acl_operation::describe_tokens, "describe-tokens"},
     {acl_operation::two_phase_commit, "two-phase-commit"}}};

}  // namespace

std::string_view word_of(acl_resource_type type) {
  return text_in<acl_resource_type>(types, type);
}
std::string_view word_of(acl_operation operation) {
  return text_in<acl_operation>(operations, operation);
}
std::string_view word_of(acl_pattern pattern) {
  return text_in<acl_pattern>(patterns, pattern);
}
std::string_view word_of(acl_permission permission) {
  return text_in<acl_permission>(permissions, permission);
}

std::optional<acl_operation> parse_operation(std::string_view word) {
  const auto found = std::ranges::find(operations, word, &app::word<acl_operation>::text);
  return found == operations.end() ? std::nullopt : std::optional(found->value);
}

cell operations_cell(const std::optional<kafka::operation_list>& operations) {
  std::vector<std::string> words;
  for (const acl_operation each : operations.value_or(kafka::operation_list())) {
    words.emplace_back(word_of(each));
  }
  return operations ? list_cell(words) : no_value();
}

void add_operations_option(CLI::App& command, bool& shows_operations, const std::string& things) {
  command.add_flag("--operations", shows_operations,
                   "What this client may do to the " + things + ", in place of what they are");
}

std::vector<std::string> operation_words() {
  std::vector<std::string> words;
  for (const auto& one : operations) {
    words.emplace_back(one.text);
  }
  return words;
}

}  // namespace barnabas::app
