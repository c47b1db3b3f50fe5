// simulation_tests [--seeds N] [--first-seed S]: N trials of each kind, in blocks of 100 a test.
// simulation_tests --log-seed=N or --group-seed=N: this one, told step by step with the broker's
// log. Options of GoogleTest are taken, too.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/log.h"
#include "groups/group_trial.h"
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
// A kind of trial: what its tests are called, how one is repeated, and how many
// there are.
struct kind {
  const char* name;
  const char* option;
  outcome (*run)(std::uint64_t seed, bool tells);
  std::uint64_t seeds;
};
#ifdef BARNABAS_SANITIZED
constexpr std::uint64_t share = 10;
#else
constexpr std::uint64_t share = 1;
#endif
constexpr kind kinds[] = {{"logs", "--log-seed", run_trial, 2000 / share},
                          {"groups", "--group-seed", run_group_trial, 1000 / share}};

struct options {
  std::uint64_t seeds = 0;  // 0: of each kind as many as it has
  std::uint64_t first_seed = 1;
  std::uint64_t only[std::size(kinds)] = {};
};

std::string program;
char last_words[1000] = "";
std::vector<std::pair<std::string, std::int64_t>> totals;

std::string command_for(const kind& of, std::uint64_t seed) {
  return fmt::format("{} {}={}", program, of.option, seed);
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

outcome run_one(const kind& of, std::uint64_t seed, bool tells) {
  const std::string words = fmt::format(
      "\nseed {} failed: broker_never_aborts: the process died\n  "
      "repeat it with: {}\n",
      seed, command_for(of, seed));
  std::strncpy(last_words, words.c_str(), sizeof last_words - 1);
  return of.run(seed, tells);
}

void add_to_totals(const kind& of, const outcome& seen) {
  for (const auto& [what, count] : seen.counts) {
    const std::string name = fmt::format("{}: {}", of.name, what);
    const auto found =
        std::ranges::find(totals, name, &std::pair<std::string, std::int64_t>::first);
    if (found == totals.end()) {
      totals.emplace_back(name, count);
    } else {
      found->second += count;
    }
  }
}

void check_seed(const kind& of, std::uint64_t seed, bool tells) {
  outcome seen = run_one(of, seed, tells);
  if (seed % repeated_seed == 0) {
    if (const outcome again = run_one(of, seed, false); again.hash != seen.hash) {
      seen.failures.push_back(
          fmt::format("determinism: {:x} and then {:x}", seen.hash, again.hash));
    }
  }
  add_to_totals(of, seen);
  if (!seen.failures.empty()) {
    std::string text = fmt::format("seed {} failed:", seed);
    for (const std::string& each : seen.failures) {
      text += "\n  " + each;
    }
    ADD_FAILURE() << text << "\n  repeat it with: " << command_for(of, seed);
  }
}

class block final : public testing::Test {
 public:
  block(const kind& of, std::uint64_t first, std::uint64_t count, bool tells)
      : kind_(of), first_(first), count_(count), tells_(tells) {}
  void TestBody() override {
    for (std::uint64_t seed = first_; seed < first_ + count_; ++seed) {
      check_seed(kind_, seed, tells_);
    }
  }

 private:
  const kind& kind_;
  std::uint64_t first_;
  std::uint64_t count_;
  bool tells_;
};

void add_block(const kind& of, std::uint64_t first, std::uint64_t count, bool tells) {
  const std::string name = fmt::format("seeds_{}_to_{}", first, first + count - 1);
  testing::RegisterTest(
      of.name, name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
      [=, &of]() -> testing::Test* { return new block(of, first, count, tells); });
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

bool take_only(int& at, int count, char** arguments, options& into) {
  for (std::size_t i = 0; i < std::size(kinds); ++i) {
    if (take(at, count, arguments, kinds[i].option, into.only[i])) {
      return true;
    }
  }
  return false;
}

bool parse(int count, char** arguments, options& into) {
  for (int at = 1; at < count; ++at) {
    if (!take(at, count, arguments, "--seeds", into.seeds) &&
        !take(at, count, arguments, "--first-seed", into.first_seed) &&
        !take_only(at, count, arguments, into)) {
      std::fputs(
          "usage: simulation_tests [--seeds N] [--first-seed S] "
          "[--log-seed=N] [--group-seed=N]\n",
          stderr);
      return false;
    }
  }
  return true;
}

void add_tests(const options& options) {
  bool is_single = false;
  for (std::size_t i = 0; i < std::size(kinds); ++i) {
    if (options.only[i] != 0) {
      add_block(kinds[i], options.only[i], 1, true);
      is_single = true;
    }
  }
  if (is_single) {
    return;
  }
  set_log_level(log_level::off);
  for (const kind& of : kinds) {
    const std::uint64_t end = options.first_seed + (options.seeds != 0 ? options.seeds : of.seeds);
    for (std::uint64_t first = options.first_seed; first < end; first += block_seeds) {
      add_block(of, first, std::min(block_seeds, end - first), false);
    }
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
  for (const auto& [what, count] : totals) {
    std::fputs(fmt::format("{} {}\n", what, count).c_str(), stdout);
  }
  return code;
}

}  // namespace
}  // namespace barnabas::trial

int main(int count, char** arguments) {
  return barnabas::trial::run(count, arguments);
}
