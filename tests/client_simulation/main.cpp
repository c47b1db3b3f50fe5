// client_simulation_tests [--seeds=N] [--first-seed=S]: so many trials of each kind.
// client_simulation_tests --seed=N: this one, told with the broker's log.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "base/log.h"
#include "client_trial.h"
#include "group_trial.h"

namespace barnabas::trial {
namespace {

constexpr std::uint64_t usual_seeds = 300;
constexpr std::uint64_t usual_group_seeds = 60;
std::uint64_t only_seed = 0;
std::uint64_t first_seed = 1;
std::uint64_t seeds = 0;  // 0: of each kind as many as usual

std::uint64_t end_of_seeds(std::uint64_t usual) {
  return first_seed + (seeds != 0 ? seeds : usual);
}

void expect_good(std::uint64_t seed, client_outcome& total) {
  const client_outcome seen = run_client_trial(seed);
  for (const std::string& failure : seen.failures) {
    ADD_FAILURE() << "seed " << seed << ": " << failure;
  }
  total.delivered += seen.delivered;
  total.failed += seen.failed;
  total.kills += seen.kills;
  if (seed % 20 == 0) {
    EXPECT_EQ(run_client_trial(seed).hash, seen.hash)
        << "seed " << seed << " differs when repeated";
  }
}

TEST(client_simulation, every_record_is_delivered_once_or_reported_as_failed) {
  client_outcome total;
  if (only_seed != 0) {
    return expect_good(only_seed, total);
  }
  const std::uint64_t end = end_of_seeds(usual_seeds);
  for (std::uint64_t seed = first_seed; seed < end && !HasFailure(); ++seed) {
    expect_good(seed, total);
  }
  std::puts(fmt::format("{} delivered, {} failed, {} kills of the broker", total.delivered,
                        total.failed, total.kills)
                .c_str());
  if (seeds != 0) {
    return;
  }
  EXPECT_GT(total.delivered, 10'000);
  EXPECT_GT(total.failed, 0) << "some trials are meant to run into their delivery timeout";
}

TEST(client_simulation, a_group_processes_every_record_and_never_two_members_at_once) {
  group_outcome total;
  const auto try_seed = [&](std::uint64_t seed) {
    const group_outcome seen = run_group_trial(seed);
    for (const std::string& failure : seen.failures) {
      ADD_FAILURE() << "seed " << seed << ": " << failure;
    }
    total.processed += seen.processed;
    total.assignments += seen.assignments;
    total.losses += seen.losses;
    if (seed % 20 == 0) {
      EXPECT_EQ(run_group_trial(seed).hash, seen.hash)
          << "seed " << seed << " differs when repeated";
    }
  };
  if (only_seed != 0) {
    return try_seed(only_seed);
  }
  const std::uint64_t end = end_of_seeds(usual_group_seeds);
  for (std::uint64_t seed = first_seed; seed < end && !HasFailure(); ++seed) {
    try_seed(seed);
  }
  std::puts(fmt::format("{} processed, {} assignments, {} revocations and losses", total.processed,
                        total.assignments, total.losses)
                .c_str());
  if (seeds != 0) {
    return;
  }
  EXPECT_GT(total.processed, 10'000);
  EXPECT_GT(total.losses, 100);
}

bool take(std::string_view argument, std::string_view name, std::uint64_t& into) {
  if (!argument.starts_with(name)) {
    return false;
  }
  argument.remove_prefix(name.size());
  const char* const end = argument.data() + argument.size();
  const auto [stop, problem] = std::from_chars(argument.data(), end, into);
  return problem == std::errc() && stop == end;
}

int run(int count, char** arguments) {
  testing::InitGoogleTest(&count, arguments);
  for (int i = 1; i < count; ++i) {
    if (!take(arguments[i], "--seed=", only_seed) && !take(arguments[i], "--seeds=", seeds) &&
        !take(arguments[i], "--first-seed=", first_seed)) {
      std::fputs("usage: client_simulation_tests [--seeds=N] [--first-seed=S] [--seed=N]\n",
                 stderr);
      return 2;
    }
  }
  set_log_to_stderr(only_seed != 0);
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace barnabas::trial

int main(int count, char** arguments) {
  return barnabas::trial::run(count, arguments);
}
