// Lines of standard input or of files, ended by any delimiter; the last one may lack it. Standard
// input gives each line when it is there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frame/failure.h"

namespace barnabas::app {

class line_source {
 public:
  virtual ~line_source() = default;
  // Without its delimiter, valid until the next call; nothing at the end.
  virtual outcome<std::optional<std::string_view>> next() = 0;

  // `delimiter` is not empty.
  static std::unique_ptr<line_source> of_standard_input(std::string delimiter);
  static std::unique_ptr<line_source> of_files(std::vector<std::string> paths,
                                               std::string delimiter);
};

}  // namespace barnabas::app
