// Settings of a client: text by name, as in librdkafka's CONFIGURATION.md or Java's names for the
// same. docs/client-settings.md lists them.
#pragma once

#include <map>
#include <string>

namespace barnabas::kafka {

using settings = std::map<std::string, std::string>;

}  // namespace barnabas::kafka
