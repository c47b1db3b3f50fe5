// Writes or reads a number of records with one of two clients and prints one line of figures:
// seconds, CPU-seconds of this process, the most memory it had.
//
//   client_load barnabas|librdkafka produce|consume HOST:PORT TOPIC PARTITIONS RECORDS BYTES
//   [NAME=VALUE...]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "client_load.h"

namespace {

using namespace bench;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

double peak_megabytes() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 8) {
    std::fputs(
        "client_load barnabas|librdkafka produce|consume HOST:PORT TOPIC PARTITIONS RECORDS "
        "BYTES [NAME=VALUE...]\n",
        stderr);
    return 2;
  }
  const std::string client = arguments[1];
  const std::string way = arguments[2];
  load work{.brokers = arguments[3],
            .topic = arguments[4],
            .partitions = std::atoi(arguments[5]),
            .records = std::atoll(arguments[6]),
            .value = std::string(std::strtoul(arguments[7], nullptr, 10), 'x')};
  for (int i = 8; i < count; ++i) {
    const std::string pair = arguments[i];
    work.settings[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
  }
  const auto began = std::chrono::steady_clock::now();
  const double cpu_before = cpu_seconds();
  const bool is_ours = client == "barnabas";
  const long long done = way == "produce" ? (is_ours ? produce_ours(work) : produce_theirs(work))
                                          : (is_ours ? consume_ours(work) : consume_theirs(work));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf(
      "{\"client\": \"%s\", \"records\": %lld, \"seconds\": %.3f, \"cpu_seconds\": %.3f, "
      "\"peak_mb\": %.1f}\n",
      client.c_str(), done, took.count(), cpu_seconds() - cpu_before, peak_megabytes());
  return done >= work.records ? 0 : 1;
}
