// A connected TCP socket on a real shard. The kernel is asked first; only what would wait goes
// through Asio. The socket and its two waits are in a core that Asio's handlers share, so that an
// answer which comes after the stream has gone finds nobody and touches nothing.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "runtime/detail/kernel_wait.h"
#include "runtime/detail/real_shard.h"
#include "runtime/socket.h"

namespace barnabas::runtime::detail {

struct socket_core {
  explicit socket_core(real_shard& home) : socket(home.io()) {}

  boost::asio::ip::tcp::socket socket;
  wait_slot reading;
  wait_slot writing;
};

class real_stream final : public stream {
 public:
  // The socket is connected and does not block.
  real_stream(std::shared_ptr<socket_core> core, endpoint local, endpoint peer);
  ~real_stream() override;

  const endpoint& local() const override { return local_; }
  const endpoint& peer() const override { return peer_; }
  task<result<std::size_t>> read_some(mutable_bytes into) override;
  result<std::optional<std::size_t>> try_read(mutable_bytes into) override;
  task<result<>> wait_readable() override;
  task<result<>> write(std::span<const bytes_view> parts) override;
  task<result<>> send_file(const file& source, std::int64_t offset, std::int64_t length) override;
  void close() override;
  void set_no_delay(bool on) override;
  void set_buffer_sizes(int send_bytes, int receive_bytes) override;

 private:
  int descriptor() { return core_->socket.native_handle(); }
  task<result<>> wait_writable();
  // What [offset, offset + length) needs from the disk is read on a file thread.
  task<result<>> warm_up(const file& source, std::int64_t offset, std::int64_t length);
  task<result<>> copy_file(const file& source, std::int64_t offset, std::int64_t length);

  std::shared_ptr<socket_core> core_;
  endpoint local_;
  endpoint peer_;
  bool is_drained_ = false;  // the last read took all there was
};

endpoint endpoint_of(const boost::asio::ip::tcp::endpoint& address);

}  // namespace barnabas::runtime::detail
