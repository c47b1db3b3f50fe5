// What to say to a command line that was not understood: which word is no command, and what stands
// here for the options of kcat and of Kafka's own tools.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string_view>

#include "frame/failure.h"

namespace barnabas::app {

// A word where a command should stand, or none where one is missing. Nothing when all are known.
std::optional<failure> unknown_command(const CLI::App& root, std::span<char* const> words);

// What takes the place of an option that `trouble`, CLI11's own words, names; empty when nobody
// knows.
std::string_view usage_advice(std::string_view trouble);

}  // namespace barnabas::app
