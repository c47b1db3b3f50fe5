// Tests of a log that run from seeds: BARNABAS_LOG_SEED chooses one, BARNABAS_LOG_SEEDS how many.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/log.h"

namespace barnabas::storage::log_tests {

// Runs `run(seed)` for the seeds from 1 on, `usual` of them, until one fails; it says how to repeat
// that one.
template <class Run>
void for_each_seed(const std::string& suite, std::uint64_t usual, Run run) {
  const auto number = [](const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
  };
  const std::uint64_t only = number("BARNABAS_LOG_SEED", 0);
  const std::uint64_t last = only != 0 ? only : number("BARNABAS_LOG_SEEDS", usual);
  for (std::uint64_t seed = only != 0 ? only : 1; seed <= last && !::testing::Test::HasFailure();
       ++seed) {
    SCOPED_TRACE("again with: BARNABAS_LOG_SEED=" + std::to_string(seed) +
                 " storage_tests --gtest_filter=" + suite + ".*");
    set_log_level(log_level::off);
    run(seed);
    set_log_level(log_level::info);
  }
}

}  // namespace barnabas::storage::log_tests
