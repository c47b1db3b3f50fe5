// A password from standard input: asked for without echo on a terminal, else its first line. Never
// from the command line, which others can see.
#pragma once

#include <string>

#include "frame/failure.h"

namespace barnabas::app {

outcome<std::string> read_password(const std::string& question);

}  // namespace barnabas::app
