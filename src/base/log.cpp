#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "base/ensure.h"
#include "base/log_levels.h"

namespace barnabas {
namespace {

constexpr const char* line_pattern = "%Y-%m-%d %H:%M:%S.%e %v";
constexpr std::array<std::string_view, 6> level_names{"TRACE", "DEBUG", "INFO",
                                                      "WARN",  "ERROR", "OFF"};

struct log_state {
  std::mutex mutex;
  std::shared_ptr<spdlog::sinks::sink> standard_error =
      std::make_shared<spdlog::sinks::stderr_sink_mt>();
  std::shared_ptr<spdlog::sinks::sink> file;
  std::string path;
  bool to_stderr = true;
  log_state() { standard_error->set_pattern(line_pattern); }
};

log_state& state() {
  static log_state instance;
  return instance;
}

// The level of a logger that has none of its own is root's.
struct logger {
  std::string_view name;
  std::atomic<log_level> own = log_level::info;
  std::atomic<bool> has_own = false;
};
logger root{.name = root_logger};
std::array<logger, 9> loggers{{{.name = "broker"},
                               {.name = "cluster"},
                               {.name = "coordinator"},
                               {.name = "group"},
                               {.name = "metastore"},
                               {.name = "network"},
                               {.name = "replica"},
                               {.name = "runtime"},
                               {.name = "storage"}}};

logger* find_logger(std::string_view name) {
  if (name == root_logger) {
    return &root;
  }
  const auto at = std::ranges::find(loggers, name, &logger::name);
  return at == loggers.end() ? nullptr : &*at;
}

log_level level_of(const logger& it) {
  return it.has_own.load(std::memory_order_relaxed) ? it.own.load(std::memory_order_relaxed)
                                                    : root.own.load(std::memory_order_relaxed);
}

bool is_dropped(log_level level, std::string_view room) {
  const logger* const its = find_logger(room);
  return level < level_of(its == nullptr ? root : *its);
}

spdlog::level::level_enum spdlog_level(log_level level) {
  return static_cast<spdlog::level::level_enum>(level == log_level::off ? SPDLOG_LEVEL_OFF
                                                                        : static_cast<int>(level));
}

void append_value(fmt::memory_buffer& line, const std::string& value) {
  if (value.find_first_of(" \"=\n\r\t") == std::string::npos && !value.empty()) {
    line.append(value);
    return;
  }
  line.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      line.push_back('\\');
    }
    line.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  line.push_back('"');
}

std::shared_ptr<spdlog::sinks::sink> open_sink(const std::string& path) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    sink->set_pattern(line_pattern);
    return sink;
  } catch (const spdlog::spdlog_ex&) {
    return nullptr;
  }
}

}  // namespace

void log(log_level level, std::string_view room, std::string_view message,
         std::initializer_list<log_field> fields) {
  if (is_dropped(level, room)) {
    return;
  }
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), "{:<5} [{}] {}",
                 level_names[static_cast<std::size_t>(level)], room, message);
  for (const log_field& field : fields) {
    line.push_back(' ');
    line.append(field.key);
    line.push_back('=');
    append_value(line, field.value);
  }
  const spdlog::details::log_msg record(spdlog::source_loc{}, {}, spdlog_level(level),
                                        spdlog::string_view_t(line.data(), line.size()));
  const std::lock_guard lock(state().mutex);
  if (state().to_stderr) {
    state().standard_error->log(record);
    state().standard_error->flush();
  }
  if (state().file) {
    state().file->log(record);
    state().file->flush();
  }
}

void set_log_level(log_level level) {
  root.own = level;
}
log_level current_log_level() {
  return root.own;
}

std::vector<logger_level> log_levels() {
  std::vector<logger_level> all{{root.name, level_of(root)}};
  for (const logger& it : loggers) {
    all.push_back({it.name, level_of(it)});
  }
  std::ranges::sort(all, {}, &logger_level::name);
  return all;
}

bool is_logger(std::string_view name) {
  return find_logger(name) != nullptr;
}

void set_log_level(std::string_view name, std::optional<log_level> level) {
  logger* const it = find_logger(name);
  ensure(it != nullptr, "a logger that there is");
  if (level) {
    it->own = *level;
  }
  it->has_own = level.has_value();
}

bool open_log_file(const std::string& path) {
  const std::lock_guard lock(state().mutex);
  state().path = path;
  state().file = path.empty() ? nullptr : open_sink(path);
  return path.empty() || state().file != nullptr;
}

bool reopen_log_file() {
  std::string path;
  {
    const std::lock_guard lock(state().mutex);
    path = state().path;
  }
  return open_log_file(path);
}

void set_log_to_stderr(bool on) {
  const std::lock_guard lock(state().mutex);
  state().to_stderr = on;
}

}  // namespace barnabas
