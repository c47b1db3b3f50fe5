#include "runtime/detail/real_socket.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/detail/gather.h"
#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t copy_bytes = 64 << 10;
// So much of a file is looked at and sent at a time.
constexpr std::int64_t sendfile_bytes = 512 << 10;
constexpr std::int64_t page_bytes = 4096;

bool would_wait(int number) {
  return number == EAGAIN || number == EWOULDBLOCK;
}

// Whether the page of this byte can be read without waiting; also when the file system cannot tell.
bool is_cached(int descriptor, std::int64_t offset) {
  std::byte byte;
  const iovec part{&byte, 1};
  return ::preadv2(descriptor, &part, 1, offset, RWF_NOWAIT) >= 0 || errno != EAGAIN;
}

// Reads the bytes to no purpose but to have them in the page cache. 0 or an errno.
int read_ahead(int descriptor, std::int64_t offset, std::int64_t length) {
  std::vector<std::byte> nowhere(std::min(static_cast<std::size_t>(length), copy_bytes));
  const std::int64_t end = offset + length;
  ::posix_fadvise(descriptor, offset, length, POSIX_FADV_WILLNEED);
  while (offset < end) {
    const auto wanted = std::min(static_cast<std::size_t>(end - offset), nowhere.size());
    const ssize_t got = ::pread(descriptor, nowhere.data(), wanted, offset);
    if (got < 0 && errno != EINTR) {
      return errno;
    }
    if (got == 0) {
      break;
    }
    offset += std::max(got, ssize_t{0});
  }
  return 0;
}

int errno_of(const error_code& refused) {
  return refused == asio::error::operation_aborted ? ECANCELED : refused.value();
}

void abandon(socket_core& core) {
  error_code ignored;
  core.socket.cancel(ignored);
}

auto wait_ready(const std::shared_ptr<socket_core>& core, wait_slot socket_core::* side,
                asio::socket_base::wait_type direction) {
  return kernel_wait(
      core, (*core).*side, no_deadline,
      [&core = *core, direction](wait_answer answer) {
        core.socket.async_wait(direction, std::move(answer));
      },
      [&core = *core] { abandon(core); });
}

auto wait_bytes(const std::shared_ptr<socket_core>& core, mutable_bytes into) {
  return kernel_wait(
      core, core->reading, no_deadline,
      [&core = *core, into](wait_answer answer) {
        core.socket.async_receive(asio::buffer(into.data(), into.size()), std::move(answer));
      },
      [&core = *core] { abandon(core); });
}

}  // namespace

real_stream::real_stream(std::shared_ptr<socket_core> core, endpoint local, endpoint peer)
    : core_(std::move(core)), local_(std::move(local)), peer_(std::move(peer)) {}

real_stream::~real_stream() {
  real_stream::close();
}

result<std::optional<std::size_t>> real_stream::try_read(mutable_bytes into) {
  for (;;) {
    const ssize_t got = ::recv(descriptor(), into.data(), into.size(), MSG_DONTWAIT);
    if (got >= 0) {
      is_drained_ = static_cast<std::size_t>(got) < into.size();
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
  // When the last read took all there was, Asio's own first try is the only one.
  if (!is_drained_) {
    const auto got = try_read(into);
    if (!got) {
      co_return std::unexpected(got.error());
    }
    if (*got) {
      co_return **got;
    }
  }
  const std::shared_ptr<socket_core> core = core_;
  const wait_slot& answer = co_await wait_bytes(core, into);
  if (answer.refused == asio::error::eof) {
    co_return 0;
  }
  if (answer.refused) {
    co_return fail_network("reading from", peer_.to_string(), errno_of(answer.refused));
  }
  is_drained_ = answer.bytes < into.size();
  co_return answer.bytes;
}

task<result<>> real_stream::wait_readable() {
  const std::shared_ptr<socket_core> core = core_;
  const wait_slot& answer =
      co_await wait_ready(core, &socket_core::reading, asio::socket_base::wait_read);
  if (answer.refused) {
    co_return fail_network("waiting for", peer_.to_string(), errno_of(answer.refused));
  }
  is_drained_ = false;
  co_return result<>{};
}

task<result<>> real_stream::wait_writable() {
  const std::shared_ptr<socket_core> core = core_;
  const wait_slot& answer =
      co_await wait_ready(core, &socket_core::writing, asio::socket_base::wait_write);
  if (answer.refused) {
    co_return fail_network("writing to", peer_.to_string(), errno_of(answer.refused));
  }
  co_return result<>{};
}

task<result<>> real_stream::write(std::span<const bytes_view> parts) {
  gather rest(parts);
  while (!rest.is_done()) {
    const auto batch = rest.batch();
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(batch.data());
    message.msg_iovlen = batch.size();
    const ssize_t sent = ::sendmsg(descriptor(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
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

task<result<>> real_stream::send_file(const file& source, std::int64_t offset,
                                      std::int64_t length) {
  if (source.descriptor() < 0) {
    co_return co_await copy_file(source, offset, length);
  }
  off_t at = offset;
  std::int64_t warm_until = offset;
  while (at < offset + length) {
    if (at >= warm_until) {
      const std::int64_t step = std::min(offset + length - at, sendfile_bytes);
      if (auto warmed = co_await warm_up(source, at, step); !warmed) {
        co_return warmed;
      }
      warm_until = at + step;
    }
    const auto wanted = static_cast<std::size_t>(warm_until - at);
    const ssize_t sent = ::sendfile(descriptor(), source.descriptor(), &at, wanted);
    if (sent == 0) {
      co_return fail_storage("sending, which ends too early,", source.path(), ENODATA);
    }
    if (sent < 0 && would_wait(errno)) {
      if (auto waited = co_await wait_writable(); !waited) {
        co_return waited;
      }
    } else if (sent < 0 && errno == EIO) {
      co_return fail_storage("sending", source.path(), errno);
    } else if (sent < 0 && errno != EINTR) {
      co_return fail_network("writing to", peer_.to_string(), errno);
    }
  }
  co_return result<>{};
}

task<result<>> real_stream::warm_up(const file& source, std::int64_t offset, std::int64_t length) {
  const int descriptor = source.descriptor();
  const bool is_warm = is_cached(descriptor, offset + length - 1) &&
                       (length <= page_bytes || is_cached(descriptor, offset));
  if (!is_warm) {
    const int refused = co_await blocking(
        [descriptor, offset, length] { return read_ahead(descriptor, offset, length); });
    if (refused != 0) {
      co_return fail_storage("sending", source.path(), refused);
    }
  }
  co_return result<>{};
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

void real_stream::close() {
  error_code ignored;
  core_->socket.close(ignored);
}

void real_stream::set_no_delay(bool on) {
  error_code ignored;
  core_->socket.set_option(asio::ip::tcp::no_delay(on), ignored);
}

void real_stream::set_buffer_sizes(int send_bytes, int receive_bytes) {
  error_code ignored;
  if (send_bytes > 0) {
    core_->socket.set_option(asio::socket_base::send_buffer_size(send_bytes), ignored);
  }
  if (receive_bytes > 0) {
    core_->socket.set_option(asio::socket_base::receive_buffer_size(receive_bytes), ignored);
  }
}

endpoint endpoint_of(const asio::ip::tcp::endpoint& address) {
  const auto ip = address.address();
  if (ip.is_v6() && ip.to_v6().is_v4_mapped()) {
    return {asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6()).to_string(), address.port()};
  }
  return {ip.to_string(), address.port()};
}

}  // namespace barnabas::runtime::detail
