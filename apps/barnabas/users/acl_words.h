// The words for resources, operations, patterns and permissions of ACLs, to and from Kafka's
// numbers.
#pragma once

#include <barnabas/admin.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::app {

std::string_view word_of(kafka::acl_resource_type type);
std::string_view word_of(kafka::acl_operation operation);
std::string_view word_of(kafka::acl_pattern pattern);
std::string_view word_of(kafka::acl_permission permission);

std::optional<kafka::acl_operation> parse_operation(std::string_view word);
// Those that rules can have.
std::vector<std::string> operation_words();

}  // namespace barnabas::app
