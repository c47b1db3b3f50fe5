#include "bench/load/process_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/event_loop.h"

namespace barnabas::bench {
namespace {

std::int64_t cpu_time_of(int pid) {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    die(fmt::format("no process {}", pid));
  }
  return used.tv_sec * 1'000'000'000LL + used.tv_nsec;
}

// The number after `key` at the start of a line of a file of "key: number unit".
std::int64_t number_after(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) {
      return std::stoll(line.substr(key.size()));
    }
  }
  return 0;
}

void read_ticks(const std::string& folder, process_usage& usage) {
  std::ifstream file(folder + "/stat");
  std::string line;
  std::getline(file, line);
  // The name in parentheses may have blanks; fields are counted after it, from the third.
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) {
    fields >> skipped;
  }
  fields >> usage.user_ms >> usage.system_ms;
  const std::int64_t tick_ms = 1000 / sysconf(_SC_CLK_TCK);
  usage.user_ms *= tick_ms;
  usage.system_ms *= tick_ms;
}

}  // namespace

process_usage process_usage::of(int pid) {
  process_usage usage;
  const std::string folder = pid == 0 ? "/proc/self" : fmt::format("/proc/{}", pid);
  usage.cpu_ns = cpu_time_of(pid);
  read_ticks(folder, usage);
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(folder + "/task", gone)) {
    const std::string status = task.path().string() + "/status";
    usage.voluntary_switches += number_after(status, "voluntary_ctxt_switches:");
    usage.involuntary_switches += number_after(status, "nonvoluntary_ctxt_switches:");
    ++usage.threads;
  }
  usage.resident_kib = number_after(folder + "/status", "VmRSS:");
  usage.proportional_kib = number_after(folder + "/smaps_rollup", "Pss:");
  return usage;
}

process_usage process_usage::since(const process_usage& earlier) const {
  process_usage difference = *this;
  difference.cpu_ns -= earlier.cpu_ns;
  difference.user_ms -= earlier.user_ms;
  difference.system_ms -= earlier.system_ms;
  difference.voluntary_switches -= earlier.voluntary_switches;
  difference.involuntary_switches -= earlier.involuntary_switches;
  return difference;
}

std::string process_usage::to_json() const {
  return fmt::format(
      R"({{"cpu_ns":{},"user_ms":{},"system_ms":{},"voluntary_switches":{},)"
      R"("involuntary_switches":{},"threads":{},"resident_kib":{},"proportional_kib":{}}})",
      cpu_ns, user_ms, system_ms, voluntary_switches, involuntary_switches, threads, resident_kib,
      proportional_kib);
}

}  // namespace barnabas::bench
