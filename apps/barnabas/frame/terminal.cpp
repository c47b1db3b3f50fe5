#include "frame/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace barnabas::app {
namespace {

bool wants_colours() {
  const char* refused = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool is_refused = refused != nullptr && *refused != '\0';
  return !is_refused && kind != nullptr && std::string_view(kind) != "dumb";
}

terminal look_at(int descriptor) {
  terminal found;
  found.is_terminal = ::isatty(descriptor) == 1;
  found.has_colours = found.is_terminal && wants_colours();
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    found.columns = size.ws_col;
  }
  return found;
}

std::string_view code_of(colour colour) {
  switch (colour) {
    case colour::none:
      return {};
    case colour::bold:
      return "\033[1m";
    case colour::dim:
      return "\033[2m";
    case colour::red:
      return "\033[31m";
    case colour::green:
      return "\033[32m";
    case colour::yellow:
      return "\033[33m";
  }
  return {};
}

}  // namespace

paint terminal::paint(colour colour) const {
  if (!has_colours || colour == colour::none) {
    return {};
  }
  return {code_of(colour), "\033[0m"};
}

const terminal& standard_output() {
  static const terminal found = look_at(STDOUT_FILENO);
  return found;
}

const terminal& standard_error() {
  static const terminal found = look_at(STDERR_FILENO);
  return found;
}

bool standard_input_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

}  // namespace barnabas::app
