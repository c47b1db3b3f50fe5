#include "runtime/detail/real_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/detail/gather.h"
#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

constexpr std::size_t copy_bytes = 64 << 10;
// So much of a file is looked at and sent at a time.
constexpr std::int64_t sendfile_bytes = 1 << 20;

bool would_wait(int number) {
  return number == EAGAIN || number == EWOULDBLOCK;
}

// Whether the last page can be read without waiting. What stands before is likely there, too: who
// sends a piece of a file has looked at its beginning. What is wrong with the file is told when it
// is sent.
bool ends_in_cache(const file& source, std::int64_t offset, std::int64_t length) {
  std::byte byte;
  const auto got = source.read_at_if_cached({&byte, 1}, offset + length - 1);
  return !got || got->has_value();
}

// As much as the socket takes. Waits for the disk when the page cache does not have it.
sent_bytes send_now(int socket, int from, std::int64_t offset, std::int64_t length) {
  off_t at = offset;
  while (at < offset + length) {
    const ssize_t sent =
        ::sendfile(socket, from, &at, static_cast<std::size_t>(offset + length - at));
    if (sent == 0) {
      return {at - offset, ENODATA};
    }
    if (sent < 0 && errno != EINTR) {
      return {at - offset, errno};
    }
  }
  return {length};
}

}  // namespace

result<std::optional<std::size_t>> real_stream::try_read(mutable_bytes into) {
  for (;;) {
    const ssize_t got = ::recv(descriptor(), into.data(), into.size(), MSG_DONTWAIT);
    if (got >= 0) {
      is_drained_ = got > 0 && static_cast<std::size_t>(got) < into.size();
      return static_cast<std::size_t>(got);
    }
    if (would_wait(errno)) {
      is_drained_ = true;
      return std::nullopt;
    }
    if (errno != EINTR) {
      return fail_network("reading from", peer_.to_string(), errno);
    }
  }
}

task<result<std::size_t>> real_stream::read_some(mutable_bytes into) {
  if (into.empty()) {
    co_return 0;
  }
  for (;;) {
    if (auto waited = co_await wait_readable(); !waited) {
      co_return std::unexpected(waited.error());
    }
    const auto got = try_read(into);
    if (!got) {
      co_return std::unexpected(got.error());
    }
    if (*got) {
      co_return **got;
    }
  }
}

task<result<>> real_stream::wait_readable() {
  if (!is_drained_) {
    co_return result<>{};
  }
  if (const int refused = co_await socket_.wait(direction::reading); refused != 0) {
    co_return fail_network("waiting for", peer_.to_string(), refused);
  }
  is_drained_ = false;
  co_return result<>{};
}

task<result<>> real_stream::wait_writable() {
  if (const int refused = co_await socket_.wait(direction::writing); refused != 0) {
    co_return fail_network("writing to", peer_.to_string(), refused);
  }
  co_return result<>{};
}

task<result<>> real_stream::write(std::span<const bytes_view> parts) {
  gather rest(parts);
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more_follows_ ? MSG_MORE : 0);
  while (!rest.is_done()) {
    const auto batch = rest.batch();
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(batch.data());
    message.msg_iovlen = batch.size();
    const ssize_t sent = ::sendmsg(descriptor(), &message, flags);
    if (sent >= 0) {
      rest.advance(static_cast<std::size_t>(sent));
    } else if (would_wait(errno)) {
      if (auto waited = co_await wait_writable(); !waited) {
        co_return waited;
      }
    } else if (errno != EINTR) {
      co_return fail_network("writing to", peer_.to_string(), errno);
    }
  }
  co_return result<>{};
}

task<result<>> real_stream::send_file(const file& source, std::int64_t offset, std::int64_t length,
                                      bool is_cached) {
  if (source.descriptor() < 0) {
    co_return co_await copy_file(source, offset, length);
  }
  const std::int64_t end = offset + length;
  while (offset < end) {
    const std::int64_t step = std::min(end - offset, sendfile_bytes);
    const int from = source.descriptor();
    const sent_bytes sent = is_cached || ends_in_cache(source, offset, step)
                                ? send_now(descriptor(), from, offset, step)
                                : co_await send_on_file_thread(from, offset, step);
    offset += sent.count;
    if (would_wait(sent.error)) {
      if (auto waited = co_await wait_writable(); !waited) {
        co_return waited;
      }
      is_cached = false;  // it may have been long
    } else if (sent.error == EIO || sent.error == ENODATA) {
      co_return fail_storage("sending", source.path(), sent.error);
    } else if (sent.error != 0) {
      co_return fail_network("writing to", peer_.to_string(), sent.error);
    }
  }
  co_return result<>{};
}

// The socket is held by a descriptor of its own: this one may be closed meanwhile, and its number
// be another's.
task<sent_bytes> real_stream::send_on_file_thread(int from, std::int64_t offset,
                                                  std::int64_t length) {
  const int socket = ::fcntl(descriptor(), F_DUPFD_CLOEXEC, 0);
  if (socket < 0) {
    co_return sent_bytes{0, errno};
  }
  co_return co_await blocking([socket, from, offset, length] {
    const sent_bytes sent = send_now(socket, from, offset, length);
    ::close(socket);
    return sent;
  });
}

task<result<>> real_stream::copy_file(const file& source, std::int64_t offset,
                                      std::int64_t length) {
  std::vector<std::byte> buffer(std::min(static_cast<std::size_t>(length), copy_bytes));
  while (length > 0) {
    const mutable_bytes room(buffer.data(),
                             std::min(static_cast<std::size_t>(length), buffer.size()));
    const auto got = source.read_at(room, offset);
    if (!got) {
      co_return std::unexpected(got.error());
    }
    if (*got == 0) {
      co_return fail_storage("sending, which ends too early,", source.path(), ENODATA);
    }
    const bytes_view part = bytes_view(room).first(*got);
    if (auto written = co_await write(std::span(&part, 1)); !written) {
      co_return written;
    }
    offset += static_cast<std::int64_t>(*got);
    length -= static_cast<std::int64_t>(*got);
  }
  co_return result<>{};
}

void real_stream::set_no_delay(bool on) {
  set_option(IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
}

void real_stream::set_buffer_sizes(int send_bytes, int receive_bytes) {
  if (send_bytes > 0) {
    set_option(SOL_SOCKET, SO_SNDBUF, send_bytes);
  }
  if (receive_bytes > 0) {
    set_option(SOL_SOCKET, SO_RCVBUF, receive_bytes);
  }
}

// One that is refused costs only speed.
void real_stream::set_option(int level, int name, int value) {
  ::setsockopt(descriptor(), level, name, &value, sizeof(value));
}

}  // namespace barnabas::runtime::detail
