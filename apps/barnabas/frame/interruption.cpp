#include "frame/interruption.h"

#include <csignal>

namespace barnabas::app {
namespace {

volatile std::sig_atomic_t interruptions = 0;

void note(int signal) {
  interruptions = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void watch_for_interruption() {
  // Without SA_RESTART: reading standard input ends, too.
  struct sigaction action{};
  action.sa_handler = note;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_interrupted() {
  return interruptions != 0;
}

}  // namespace barnabas::app
