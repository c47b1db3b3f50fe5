// Checks of options that say nothing in the help, for what they demand is in the description.
#pragma once

#include <CLI/CLI.hpp>

namespace barnabas::app {

inline const CLI::Validator above_zero = CLI::PositiveNumber.description("");
inline const CLI::Validator not_negative = CLI::NonNegativeNumber.description("");

}  // namespace barnabas::app
