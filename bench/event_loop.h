// One thread, one epoll instance, edge-triggered: a handler is told once that something changed and
// goes on until the kernel has no more for it. Also the few socket calls that the programs share.
// What a benchmark cannot go on with ends the program with a sentence (die).
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace barnabas::bench {

[[noreturn]] void die(const std::string& what);
// Ends with the sentence, the call's errno and its text.
[[noreturn]] void die_of_errno(const std::string& what);

std::int64_t now_ns();  // CLOCK_MONOTONIC

class ready_handler {
 public:
  virtual ~ready_handler() = default;
  virtual void on_ready() = 0;
};

class event_loop {
 public:
  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  // Watches for input and room for output; `handler` outlives its descriptor.
  void watch(int descriptor, ready_handler& handler);
  // Waits for something to happen, until `deadline_ns` (-1: for ever) at the latest.
  void run_once(std::int64_t deadline_ns = -1);

 private:
  int epoll_;
};

// 127.0.0.1 only. Sockets are non-blocking, without Nagle's delay.
int listen_on(int port);
int accept_from(int listener);  // -1 when nobody waits
int connect_to(int port);       // -1 when refused

}  // namespace barnabas::bench
