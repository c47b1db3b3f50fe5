#include "users/password_input.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "frame/terminal.h"

namespace barnabas::app {
namespace {

// While it lives the terminal does not show what is typed.
class no_echo {
 public:
  no_echo() {
    is_changed_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (is_changed_) {
      termios quiet = before_;
      quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
  }
  no_echo(const no_echo&) = delete;
  no_echo& operator=(const no_echo&) = delete;
  ~no_echo() {
    if (is_changed_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
      fmt::print(stderr, "\n");
    }
  }

 private:
  termios before_{};
  bool is_changed_ = false;
};

std::string ask(const std::string& question) {
  fmt::print(stderr, "{}: ", question);
  const no_echo quiet;
  std::string line;
  std::getline(std::cin, line);
  return line;
}

}  // namespace

outcome<std::string> read_password(const std::string& question) {
  std::string password;
  if (!standard_input_is_terminal()) {
    std::getline(std::cin, password);
  } else {
    password = ask(question);
    if (ask("Again") != password) {
      return wrong_usage("these were two different passwords");
    }
  }
  return password.empty()
             ? wrong_usage("the password is empty", "It is the first line of standard input.")
             : outcome<std::string>(std::move(password));
}

}  // namespace barnabas::app
