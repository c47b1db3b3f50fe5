// client_simulation_tests [--seed=N]: all seeds, or this one.
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

constexpr std::uint64_t seeds = 300;
constexpr std::uint64_t group_seeds = 60;
std::uint64_t only_seed = 0;

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
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    expect_good(seed, total);
    if (HasFatalFailure() || HasNonfatalFailure()) {
      break;
    }
  }
  std::puts(fmt::format("{} delivered, {} failed, {} kills of the broker", total.delivered,
                        total.failed, total.kills)
                .c_str());
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
  for (std::uint64_t seed = 1; seed <= group_seeds && !HasFailure(); ++seed) {
    try_seed(seed);
  }
  std::puts(fmt::format("{} processed, {} assignments, {} revocations and losses", total.processed,
                        total.assignments, total.losses)
                .c_str());
  EXPECT_GT(total.processed, 10'000);
  EXPECT_GT(total.losses, 100);
}

}  // namespace
}  // namespace barnabas::trial

int main(int count, char** arguments) {
  testing::InitGoogleTest(&count, arguments);
  barnabas::set_log_to_stderr(false);
  for (int i = 1; i < count; ++i) {
    constexpr std::string_view seed = "--seed=";
    const std::string_view argument = arguments[i];
    if (argument.starts_with(seed)) {
      std::from_chars(argument.data() + seed.size(), argument.data() + argument.size(),
                      barnabas::trial::only_seed);
      barnabas::set_log_to_stderr(true);
    }
  }
  return RUN_ALL_TESTS();
}
