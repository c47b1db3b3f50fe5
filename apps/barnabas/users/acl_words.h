// The words for resources, operations, patterns and permissions of ACLs, to and from Kafka's
// numbers.
#pragma once

#include <barnabas/admin.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frame/table.h"

namespace CLI {
class App;
}

namespace barnabas::app {

std::string_view word_of(kafka::acl_resource_type type);
std::string_view word_of(kafka::acl_operation operation);
std::string_view word_of(kafka::acl_pattern pattern);
std::string_view word_of(kafka::acl_permission permission);

std::optional<kafka::acl_operation> parse_operation(std::string_view word);
// What the client may do, as a broker said it; no value when it was not asked.
cell operations_cell(const std::optional<kafka::operation_list>& operations);
// --operations, in place of what the command shows else of `things`.
void add_operations_option(CLI::App& command, bool& shows_operations, const std::string& things);
// Those that rules can have.
std::vector<std::string> operation_words();

}  // namespace barnabas::app
