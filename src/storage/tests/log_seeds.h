// Tests of a log that run from seeds: BARNABAS_LOG_SEED is the first and alone the only one,
// BARNABAS_LOG_SEEDS how many.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/log.h"

namespace barnabas::storage::log_tests {

// Runs `run(seed)` for these seeds, usually `usual` from 1 on, until one fails; it says how to
// repeat that one.
template <class Run>
void for_each_seed(const std::string& suite, std::uint64_t usual, Run run) {
  const auto number = [](const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
  };
  const std::uint64_t chosen = number("BARNABAS_LOG_SEED", 0);
  const std::uint64_t first = chosen != 0 ? chosen : 1;
  const std::uint64_t end = first + number("BARNABAS_LOG_SEEDS", chosen != 0 ? 1 : usual);
  for (std::uint64_t seed = first; seed < end && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("again with: BARNABAS_LOG_SEED=" + std::to_string(seed) +
                 " storage_tests --gtest_filter=" + suite + ".*");
    set_log_level(log_level::off);
    run(seed);
    set_log_level(log_level::info);
  }
}

}  // namespace barnabas::storage::log_tests
