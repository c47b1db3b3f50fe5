// What stands beside the segments: indexes, snapshots, checkpoints, properties. Each file is a
// table.
#pragma once

#include <string>
#include <string_view>

#include "frame/failure.h"

namespace barnabas::app {

// Whether dump_side_file() knows files of this name (without its folder).
bool is_side_file(std::string_view name);
outcome<> dump_side_file(const std::string& path, std::string_view name, bool is_json);

}  // namespace barnabas::app
