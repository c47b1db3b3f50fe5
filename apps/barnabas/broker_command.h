// `barnabas broker`: reads the settings, runs a broker until a signal ends it.
#pragma once

#include <string>
#include <vector>

namespace barnabas::app {

struct broker_arguments {
  std::string properties_file;         // empty: defaults
  std::vector<std::string> overrides;  // key=value
  bool adopts = false;
};

// The exit code: 0 after a clean stop, 1 when the broker could not start.
int run_broker(const broker_arguments& arguments);

}  // namespace barnabas::app
