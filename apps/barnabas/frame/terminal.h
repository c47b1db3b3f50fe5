// What standard output and standard error are: a terminal with colours and a width, or a pipe or
// file that gets plain text. Found out once.
#pragma once

#include <cstddef>
#include <string_view>

namespace barnabas::app {

enum class colour { none, bold, dim, red, green, yellow };

// What to write before and behind coloured text; both empty where there are no colours.
struct paint {
  std::string_view on;
  std::string_view off;
};

struct terminal {
  bool is_terminal = false;
  bool has_colours = false;  // a terminal, not TERM=dumb, and NO_COLOR is not set (no-color.org)
  std::size_t columns = 80;

  app::paint paint(colour colour) const;
};

const terminal& standard_output();
const terminal& standard_error();
bool standard_input_is_terminal();

}  // namespace barnabas::app
