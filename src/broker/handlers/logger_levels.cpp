#include "broker/handlers/logger_levels.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/log_levels.h"

namespace barnabas::broker::handlers {
namespace {

// By log_level.
constexpr std::array<std::string_view, 6> names{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

bool is_level(const std::optional<std::string>& text) {
  return text && std::ranges::find(names, *text) != names.end();
}

result<> check(const cluster::config_edit& edit) {
  if (!is_logger(edit.key)) {
    return fail(error_code::invalid_config, "there is no logger " + edit.key);
  }
  switch (edit.operation) {
    case cluster::config_operation::remove:
      return edit.key == root_logger
                 ? fail(error_code::invalid_request, "the root logger always has a level")
                 : result<>{};
    case cluster::config_operation::set:
      return is_level(edit.value)
                 ? result<>{}
                 : fail(error_code::invalid_config,
                        edit.key + "=" + edit.value.value_or("null") +
                            ": allowed is one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL");
    case cluster::config_operation::append:
    case cluster::config_operation::subtract:
      break;
  }
  return fail(error_code::invalid_request, "the level of a logger is set or removed");
}

}  // namespace

std::string_view name_of(log_level level) {
  return names[static_cast<std::size_t>(level)];
}

result<> alter_loggers(const std::vector<cluster::config_edit>& edits, bool validate_only) {
  std::set<std::string_view> once;
  for (const cluster::config_edit& edit : edits) {
    if (!once.insert(edit.key).second) {
      return fail(error_code::invalid_request, edit.key + " is named twice");
    }
    if (auto valid = check(edit); !valid) {
      return valid;
    }
  }
  if (validate_only) {
    return {};
  }
  for (const cluster::config_edit& edit : edits) {
    std::optional<log_level> level;
    if (edit.operation == cluster::config_operation::set) {
      level = static_cast<log_level>(std::ranges::find(names, *edit.value) - names.begin());
    }
    set_log_level(edit.key, level);
    log(log_level::info, "broker", "changed the level of a logger",
        {field("logger", edit.key), field("level", edit.value.value_or("of root"))});
  }
  return {};
}

}  // namespace barnabas::broker::handlers
