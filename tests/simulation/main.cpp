// simulation_tests [--seeds N] [--first-seed S]: N trials, in blocks of 100 a test.
// simulation_tests --seed=N: this one, told step by step with the broker's log. Options of
// GoogleTest are taken, too.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/log.h"
#include "run_trial.h"

namespace barnabas::trial {
namespace {

constexpr std::uint64_t block_seeds = 100;
constexpr std::uint64_t repeated_seed = 20;  // every so manyth trial runs twice

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BARNABAS_SANITIZED 1
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif
#endif
#ifdef BARNABAS_SANITIZED
constexpr std::uint64_t default_seeds = 200;
#else
constexpr std::uint64_t default_seeds = 2000;
#endif

struct options {
  std::uint64_t seeds = default_seeds;
  std::uint64_t first_seed = 1;
  std::uint64_t only = 0;
};

std::string program;
char last_words[1000] = "";
outcome total;

std::string command_for(std::uint64_t seed) {
  return fmt::format("{} --seed={}", program, seed);
}

void say_last_words() {
  const auto ignored = write(STDERR_FILENO, last_words, std::strlen(last_words));
  static_cast<void>(ignored);
}
void died(int signal_number) {
  say_last_words();
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

outcome run_one(std::uint64_t seed, bool tells) {
  const std::string words =
      fmt::format("\nseed {} failed: broker_never_aborts: the process died\n  repeat it with: {}\n",
                  seed, command_for(seed));
  std::strncpy(last_words, words.c_str(), sizeof last_words - 1);
  return run_trial(seed, tells);
}

void check_seed(std::uint64_t seed, bool tells) {
  outcome seen = run_one(seed, tells);
  if (seed % repeated_seed == 0) {
    if (const outcome again = run_one(seed, false); again.hash != seen.hash) {
      seen.failures.push_back(
          fmt::format("determinism: {:x} and then {:x}", seen.hash, again.hash));
    }
  }
  total.acknowledged_records += seen.acknowledged_records;
  total.seen_records += seen.seen_records;
  total.process_kills += seen.process_kills;
  total.power_losses += seen.power_losses;
  total.disk_faults += seen.disk_faults;
  total.steps += seen.steps;
  if (!seen.failures.empty()) {
    std::string text = fmt::format("seed {} failed:", seed);
    for (const std::string& each : seen.failures) {
      text += "\n  " + each;
    }
    ADD_FAILURE() << text << "\n  repeat it with: " << command_for(seed);
  }
}

class block final : public testing::Test {
 public:
  block(std::uint64_t first, std::uint64_t count, bool tells)
      : first_(first), count_(count), tells_(tells) {}
  void TestBody() override {
    for (std::uint64_t seed = first_; seed < first_ + count_; ++seed) {
      check_seed(seed, tells_);
    }
  }

 private:
  std::uint64_t first_;
  std::uint64_t count_;
  bool tells_;
};

void add_block(std::uint64_t first, std::uint64_t count, bool tells) {
  const std::string name = fmt::format("seeds_{}_to_{}", first, first + count - 1);
  testing::RegisterTest("simulation", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                        [=]() -> testing::Test* { return new block(first, count, tells); });
}

// "--name N" and "--name=N"; false when the argument is another.
bool take(int& at, int count, char** arguments, const std::string& name, std::uint64_t& into) {
  std::string_view text = arguments[at];
  if (!text.starts_with(name)) {
    return false;
  }
  text.remove_prefix(name.size());
  if (text.empty() && at + 1 < count) {
    text = arguments[++at];
  } else if (text.starts_with("=")) {
    text.remove_prefix(1);
  } else {
    return false;
  }
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), into);
  return problem == std::errc() && end == text.data() + text.size();
}

bool parse(int count, char** arguments, options& into) {
  for (int at = 1; at < count; ++at) {
    if (!take(at, count, arguments, "--seeds", into.seeds) &&
        !take(at, count, arguments, "--first-seed", into.first_seed) &&
        !take(at, count, arguments, "--seed", into.only)) {
      std::fputs("usage: simulation_tests [--seeds N] [--first-seed S] [--seed=N]\n", stderr);
      return false;
    }
  }
  return true;
}

void add_tests(const options& options) {
  if (options.only != 0) {
    add_block(options.only, 1, true);
    return;
  }
  set_log_level(log_level::off);
  const std::uint64_t end = options.first_seed + options.seeds;
  for (std::uint64_t first = options.first_seed; first < end; first += block_seeds) {
    add_block(first, std::min(block_seeds, end - first), false);
  }
}

int run(int count, char** arguments) {
  testing::InitGoogleTest(&count, arguments);
  program = arguments[0];
  options options;
  if (!parse(count, arguments, options)) {
    return 2;
  }
#ifdef BARNABAS_SANITIZED
  __sanitizer_set_death_callback(say_last_words);
#endif
  std::signal(SIGABRT, died);
  std::signal(SIGSEGV, died);
  add_tests(options);
  const int code = RUN_ALL_TESTS();
  std::fputs(fmt::format("{} records acknowledged, {} read, {} kills, {} losses of power, {} disk "
                         "faults, {} steps\n",
                         total.acknowledged_records, total.seen_records, total.process_kills,
                         total.power_losses, total.disk_faults, total.steps)
                 .c_str(),
             stdout);
  return code;
}

}  // namespace
}  // namespace barnabas::trial

int main(int count, char** arguments) {
  return barnabas::trial::run(count, arguments);
}
