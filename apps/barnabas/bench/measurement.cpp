#include "bench/measurement.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "frame/human_units.h"
#include "runtime/outside.h"

namespace barnabas::app {
namespace {

constexpr std::size_t pool_bytes = 1 << 20;
constexpr std::array shares{0.5, 0.95, 0.99, 0.999, 1.0};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_of_process() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

cell rate_cell(double rate) {
  const auto whole = static_cast<std::int64_t>(rate);
  return count_cell(whole);
}

cell latency_cell(std::int64_t latency_us) {
  const double ms = static_cast<double>(latency_us) / 1000;
  return {fmt::format("{:.2f} ms", ms), fmt::format("{}", ms), true};
}

}  // namespace

stopwatch::stopwatch() : began_(runtime::now_anywhere()), cpu_began_(cpu_of_process()) {}

double stopwatch::seconds() const {
  return std::chrono::duration<double>(runtime::now_anywhere() - began_).count();
}

double stopwatch::cpu_seconds() const {
  return cpu_of_process() - cpu_began_;
}

std::int64_t latencies::at(double share) {
  if (all_us_.empty()) {
    return 0;
  }
  const auto rank =
      static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(all_us_.size()))) - 1;
  const auto place = all_us_.begin() + std::max<std::ptrdiff_t>(rank, 0);
  std::ranges::nth_element(all_us_, place);
  return *place;
}

payloads::payloads(std::size_t size_bytes) : size_bytes_(size_bytes) {
  constexpr std::array words{"castle", "messenger", "village", "landlord", "letter",
                             "bureau", "secretary", "GET",     "status=",  "duration_ms="};
  std::uint64_t state = 0x9e3779b97f4a7c15U;  // xorshift
  while (pool_.size() < pool_bytes + size_bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    pool_ += fmt::format("{} {:x} ", words[state % words.size()], state >> 40U);
  }
}

std::string_view payloads::operator[](std::int64_t number) const {
  const auto begin = static_cast<std::size_t>(number) * size_bytes_ % pool_bytes;
  return std::string_view(pool_).substr(begin, size_bytes_);
}

void rest_until(runtime::steady_time then) {
  runtime::lock guard;
  runtime::gate never;
  runtime::lock_holder held(guard);
  while (never.wait_until(held, then)) {
  }
}

std::vector<column> rate_columns() {
  return {{"RECORDS", "records"},          {"SIZE", "bytes"},
          {"SECONDS", "seconds"},          {"RECORDS/S", "records_per_second"},
          {"BYTES/S", "bytes_per_second"}, {"CPU S", "cpu_seconds"}};
}

std::vector<cell> rate_cells(std::int64_t records, std::int64_t bytes, const stopwatch& watch) {
  const double seconds = watch.seconds();
  const double bytes_per_second = static_cast<double>(bytes) / seconds;
  return {count_cell(records),
          bytes_cell(bytes),
          real_cell(seconds),
          rate_cell(static_cast<double>(records) / seconds),
          bytes_cell(static_cast<std::int64_t>(bytes_per_second)),
          real_cell(watch.cpu_seconds())};
}

std::vector<column> latency_columns() {
  return {{"P50", "p50_ms"},
          {"P95", "p95_ms"},
          {"P99", "p99_ms"},
          {"P99.9", "p999_ms"},
          {"MAX", "max_ms"}};
}

std::vector<cell> latency_cells(latencies& all) {
  std::vector<cell> cells;
  for (const double share : shares) {
    cells.push_back(all.empty() ? no_value() : latency_cell(all.at(share)));
  }
  return cells;
}

}  // namespace barnabas::app
