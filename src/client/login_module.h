// One login module as sasl.jaas.config has it, in the syntax of Java's login configuration:
//   CLASS FLAG NAME=VALUE... ;
// where FLAG is required, requisite, sufficient or optional, and VALUE a word or stands in quotes,
// in which a backslash takes what is special from the next character. Comments are // and /* */.
// Passwords stand in it, so no error quotes a value.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace barnabas::client {

struct login_module {
  std::string name;  // of the Java class
  std::map<std::string, std::string, std::less<>> options;

  // Of an option; empty without it.
  std::string_view option(std::string_view name) const;
};

// invalid_config says what was expected, and behind what.
result<login_module> parse_login_module(std::string_view text);

}  // namespace barnabas::client
