// Java's properties syntax, as in server.properties:
//   '#' or '!' begins a comment line; key and value are parted by '=', ':' or blanks; a backslash
//   at the end of a line continues it (leading blanks of the next are dropped); escapes \t \n \r \f
//   \uXXXX, and \x for any other x.
// Keys may come twice; the last wins, as in Java. Text is taken as UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace barnabas::broker {

struct property {
  std::string key;
  std::string value;
  int line = 0;  // where it begins, from 1; 0 when it does not come from a file
};

// In file order. INVALID_CONFIG with the line for a broken \u escape.
result<std::vector<property>> parse_properties(std::string_view text);
// "key=value" of the command line. INVALID_CONFIG when there is no '=' or no key.
result<property> parse_override(std::string_view text);

}  // namespace barnabas::broker
