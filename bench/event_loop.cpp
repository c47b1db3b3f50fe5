#include "bench/event_loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace barnabas::bench {

void die(const std::string& what) {
  fmt::print(stderr, "{}\n", what);
  std::exit(1);
}

void die_of_errno(const std::string& what) {
  die(fmt::format("{}: {} ({})", what, std::strerror(errno), errno));
}

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

event_loop::event_loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
event_loop::~event_loop() {
  close(epoll_);
}

void event_loop::watch(int descriptor, ready_handler& handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &handler;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    die_of_errno("epoll_ctl");
  }
}

void event_loop::run_once(std::int64_t deadline_ns) {
  std::array<epoll_event, 64> events;
  timespec timeout{};
  if (deadline_ns >= 0) {
    const std::int64_t left = std::max<std::int64_t>(deadline_ns - now_ns(), 0);
    timeout = {left / 1'000'000'000, left % 1'000'000'000};
  }
  const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()),
                                 deadline_ns >= 0 ? &timeout : nullptr, nullptr);
  for (int i = 0; i < count; ++i) {
    static_cast<ready_handler*>(events[static_cast<std::size_t>(i)].data.ptr)->on_ready();
  }
}

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void send_at_once(int descriptor) {
  const int yes = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

}  // namespace

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const sockaddr_in address = loopback(port);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener, 1024) != 0) {
    die_of_errno(fmt::format("listening on port {}", port));
  }
  return listener;
}

int accept_from(int listener) {
  const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    send_at_once(descriptor);
  }
  return descriptor;
}

int connect_to(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(descriptor);
    return -1;
  }
  send_at_once(descriptor);
  return descriptor;
}

}  // namespace barnabas::bench
