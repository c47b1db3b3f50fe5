// The loggers: one for each room that logs, and "root", whose level the others have as long as they
// have none of their own. A line of a room is dropped below its level. Thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace barnabas {

inline constexpr std::string_view root_logger = "root";

struct logger_level {
  std::string_view name;
  log_level level;  // its own, or root's
};

// In the order of their names.
std::vector<logger_level> log_levels();
bool is_logger(std::string_view name);

// `name` is a logger. Without a level it follows root again; root keeps what it has then.
void set_log_level(std::string_view name, std::optional<log_level> level);

}  // namespace barnabas
