#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace barnabas {
namespace {

constexpr const char* line_pattern = "%Y-%m-%d %H:%M:%S.%e %-5l %v";

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

std::atomic<log_level> threshold = log_level::info;

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
  if (level < threshold.load(std::memory_order_relaxed)) {
    return;
  }
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), "[{}] {}", room, message);
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
  threshold = level;
}
log_level current_log_level() {
  return threshold;
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
