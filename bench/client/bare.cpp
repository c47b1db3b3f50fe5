#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "client_load.h"

namespace bench {
namespace {

constexpr std::size_t step_bytes = 1 << 20;
constexpr std::size_t record_overhead_bytes = 8;  // around a value of 100 B in a batch

void check(bool is_good, const char* what) {
  if (!is_good) {
    std::perror(what);
    std::exit(1);
  }
}

// The two ends of a connection over 127.0.0.1.
struct ends {
  int parent = -1;
  int child = -1;
};

ends connect_ends() {
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {}, .sin_zero = {}};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const at = reinterpret_cast<sockaddr*>(&address);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  check(::bind(listener, at, size) == 0 && ::listen(listener, 1) == 0, "listen");
  check(::getsockname(listener, at, &size) == 0, "getsockname");
  const int there = ::socket(AF_INET, SOCK_STREAM, 0);
  check(::connect(there, at, size) == 0, "connect");
  const int here = ::accept(listener, nullptr, nullptr);
  check(here >= 0, "accept");
  ::close(listener);
  return {there, here};
}

// From the page cache, as brokers do.
void send_file(int to, int file, std::size_t bytes) {
  off_t at = 0;
  while (static_cast<std::size_t>(at) < bytes) {
    const std::size_t left = bytes - static_cast<std::size_t>(at);
    check(::sendfile(to, file, &at, std::min(left, step_bytes)) > 0, "sendfile");
  }
}

int make_file(std::size_t bytes) {
  const int file = ::memfd_create("records", 0);
  check(file >= 0, "memfd_create");
  const std::vector<char> block(step_bytes, 'x');
  for (std::size_t done = 0; done < bytes; done += block.size()) {
    check(::write(file, block.data(), block.size()) > 0, "write");
  }
  return file;
}

void send_all(int to, std::size_t bytes) {
  const std::vector<char> block(step_bytes, 'x');
  while (bytes > 0) {
    const ssize_t sent = ::send(to, block.data(), std::min(bytes, block.size()), MSG_NOSIGNAL);
    check(sent > 0, "send");
    bytes -= static_cast<std::size_t>(sent);
  }
}

void receive_all(int from, std::size_t bytes) {
  std::vector<char> block(step_bytes);
  while (bytes > 0) {
    const ssize_t got = ::recv(from, block.data(), block.size(), 0);
    check(got > 0, "recv");
    bytes -= static_cast<std::size_t>(got);
  }
}

long long move_bytes(const load& work, bool is_sender) {
  const std::size_t bytes =
      static_cast<std::size_t>(work.records) * (work.bytes + record_overhead_bytes);
  const ends both = connect_ends();
  const pid_t child = ::fork();
  check(child >= 0, "fork");
  if (child == 0) {
    is_sender ? receive_all(both.child, bytes) : send_file(both.child, make_file(bytes), bytes);
    ::_exit(0);
  }
  is_sender ? send_all(both.parent, bytes) : receive_all(both.parent, bytes);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? work.records : 0;
}

}  // namespace

long long produce_bare(const load& work) {
  return move_bytes(work, true);
}

long long consume_bare(const load& work) {
  return move_bytes(work, false);
}

}  // namespace bench
