#include "frame/clusters_file.h"

#include <fmt/format.h>

#include <cstdlib>

namespace barnabas::app {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// One line of the file; `section` is the cluster whose settings follow, null before the first.
outcome<> take_line(clusters_file& file, kafka::settings*& section, std::string_view line) {
  if (line.empty() || line.front() == '#' || line.front() == ';') {
    return {};
  }
  if (line.front() == '[') {
    const std::string_view name = trimmed(line.substr(1, line.size() - 2));
    if (line.back() != ']' || name.empty()) {
      return wrong_usage(fmt::format("\"{}\" is no [cluster]", line));
    }
    section = &file.clusters[std::string(name)];
    return {};
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return wrong_usage(fmt::format("\"{}\" is neither [cluster] nor setting = value", line));
  }
  const std::string_view name = trimmed(line.substr(0, equals));
  const std::string_view value = trimmed(line.substr(equals + 1));
  if (section == nullptr && name == "default") {
    file.default_cluster = value;
    return {};
  }
  (section == nullptr ? file.for_all : *section)[std::string(name)] = value;
  return {};
}

}  // namespace

outcome<clusters_file> parse_clusters(std::string_view text, std::string_view path) {
  clusters_file file;
  kafka::settings* section = nullptr;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (auto taken = take_line(file, section, trimmed(line)); !taken) {
      taken.error().message = fmt::format("{}:{}: {}", path, number, taken.error().message);
      return std::unexpected(std::move(taken.error()));
    }
  }
  return file;
}

std::string clusters_path() {
  if (std::string given = environment("BARNABAS_CLUSTERS"); !given.empty()) {
    return given;
  }
  const std::string configs = environment("XDG_CONFIG_HOME");
  return (configs.empty() ? environment("HOME") + "/.config" : configs) + "/barnabas/clusters";
}

}  // namespace barnabas::app
