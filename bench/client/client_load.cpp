// Writes or reads a number of records with one of the clients and prints one line of figures:
// seconds, CPU-seconds of this process, the most memory it had; with `latency` also
// the ms from produce to delivery at a rate.
//
//   client_load barnabas|librdkafka produce|consume|poll|latency brokers=HOST:PORT topic=NAME
//     partitions=N records=N [bytes=N] [rate=N] [values=same|words] [SETTING=VALUE...]
//   client_load bare produce|consume records=N [bytes=N]
#include "client_load.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

namespace bench {

latencies::latencies(const load& work)
    : rate_(work.rate), ms_(static_cast<std::size_t>(work.records), 1e9) {
  ::prctl(PR_SET_TIMERSLACK, 1);
}

latencies::clock::time_point latencies::due(long long i) const {
  return begin_ + std::chrono::nanoseconds(i * 1'000'000'000 / rate_);
}

void latencies::wait_for(long long i) const {
  std::this_thread::sleep_until(due(i));
}

void latencies::delivered(long long i) {
  ms_[static_cast<std::size_t>(i)] =
      std::chrono::duration<double, std::milli>(clock::now() - due(i)).count();
}

double latencies::quantile(double part) const {
  const auto first = std::min<std::size_t>(ms_.size() - 1, static_cast<std::size_t>(rate_ / 2));
  std::vector<double> sorted(ms_.begin() + static_cast<std::ptrdiff_t>(first), ms_.end());
  std::ranges::sort(sorted);
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

rusage used_now() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used;
}
double kernel_seconds(const rusage& used) {
  return seconds_of(used.ru_stime);
}
double cpu_seconds(const rusage& used) {
  return seconds_of(used.ru_utime) + kernel_seconds(used);
}

// One value of one letter, or a thousand different ones of words.
std::vector<std::string> make_values(std::size_t bytes, bool has_words) {
  if (!has_words) {
    return {std::string(bytes, 'x')};
  }
  std::mt19937 random(1);
  std::vector<std::string> words;
  for (int i = 0; i < 300; ++i) {
    std::string word;
    for (std::size_t left = 2 + random() % 9; left > 0; --left) {
      word += static_cast<char>('a' + random() % 26);
    }
    words.push_back(word + " ");
  }
  std::vector<std::string> values(1000);
  for (std::string& value : values) {
    while (value.size() < bytes) {
      value += words[random() % words.size()];
    }
    value.resize(bytes);
  }
  return values;
}

using way = long long (*)(const load&);

way way_of(const std::string& name) {
  static const std::map<std::string, way> ways{
      {"barnabas produce", produce_ours}, {"librdkafka produce", produce_theirs},
      {"barnabas consume", consume_ours}, {"librdkafka consume", consume_theirs},
      {"barnabas poll", consume_ours},    {"librdkafka poll", poll_theirs},
      {"bare produce", produce_bare},     {"bare consume", consume_bare}};
  const auto found = ways.find(name);
  return found == ways.end() ? nullptr : found->second;
}

load load_of(int count, char** arguments) {
  load work;
  bool has_words = false;
  for (int i = 3; i < count; ++i) {
    const std::string pair = arguments[i];
    const std::string name = pair.substr(0, pair.find('='));
    const std::string text = pair.substr(pair.find('=') + 1);
    if (name == "brokers") {
      work.brokers = text;
    } else if (name == "topic") {
      work.topic = text;
    } else if (name == "partitions") {
      work.partitions = std::atoi(text.c_str());
    } else if (name == "records") {
      work.records = std::atoll(text.c_str());
    } else if (name == "bytes") {
      work.bytes = std::strtoul(text.c_str(), nullptr, 10);
    } else if (name == "rate") {
      work.rate = std::atoll(text.c_str());
    } else if (name == "values") {
      has_words = text == "words";
    } else {
      work.settings[name] = text;
    }
  }
  work.values = make_values(work.bytes, has_words);
  return work;
}

int run_latency(const std::string& client, const load& work) {
  latencies found(work);
  const rusage before = used_now();
  client == "barnabas" ? latency_ours(work, found) : latency_theirs(work, found);
  std::printf(
      "{\"client\": \"%s\", \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, "
      "\"cpu_seconds\": %.3f}\n",
      client.c_str(), found.quantile(0.5), found.quantile(0.99), found.quantile(0.999),
      cpu_seconds(used_now()) - cpu_seconds(before));
  return found.quantile(1) < 1e9 ? 0 : 1;
}

int run_way(const std::string& client, way does, const load& work) {
  const auto began = std::chrono::steady_clock::now();
  const rusage before = used_now();
  const long long done = does(work);
  const rusage after = used_now();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf(
      "{\"client\": \"%s\", \"records\": %lld, \"seconds\": %.3f, \"cpu_seconds\": %.3f, "
      "\"kernel_seconds\": %.3f, \"peak_mb\": %.1f}\n",
      client.c_str(), done, took.count(), cpu_seconds(after) - cpu_seconds(before),
      kernel_seconds(after) - kernel_seconds(before), static_cast<double>(after.ru_maxrss) / 1024);
  return done >= work.records ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  using namespace bench;
  const std::string client = count > 2 ? arguments[1] : "";
  const std::string what = count > 2 ? arguments[2] : "";
  const load work = load_of(count, arguments);
  if (what == "latency" && (client == "barnabas" || client == "librdkafka") && work.rate > 0) {
    return run_latency(client, work);
  }
  const way does = way_of(client + " " + what);
  if (does == nullptr || work.records <= 0) {
    std::fputs("client_load barnabas|librdkafka|bare produce|consume|poll|latency NAME=VALUE...\n",
               stderr);
    return 2;
  }
  return run_way(client, does, work);
}
