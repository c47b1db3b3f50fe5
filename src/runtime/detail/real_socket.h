// A connected TCP socket on a real shard. The kernel is asked first; what would wait waits for the
// shard's epoll.
#pragma once

#include <memory>

#include "runtime/detail/watched_descriptor.h"
#include "runtime/socket.h"

namespace barnabas::runtime::detail {

struct sent_bytes {
  std::int64_t count = 0;
  int error = 0;  // an errno: why it ended early
};

class real_stream final : public stream {
 public:
  // Of a connected socket that does not block, which it takes over.
  real_stream(real_shard& home, int socket, endpoint local, endpoint peer)
      : socket_(home, socket), local_(std::move(local)), peer_(std::move(peer)) {}

  const endpoint& local() const override { return local_; }
  const endpoint& peer() const override { return peer_; }
  task<result<std::size_t>> read_some(mutable_bytes into) override;
  result<std::optional<std::size_t>> try_read(mutable_bytes into) override;
  task<result<>> wait_readable() override;
  task<result<>> write(std::span<const bytes_view> parts) override;
  task<result<>> send_file(const file& source, std::int64_t offset, std::int64_t length,
                           bool is_cached) override;
  void set_more_follows(bool yes) override { more_follows_ = yes; }
  void set_patient(bool yes) override { socket_.set_patient(yes); }
  void close() override { socket_.close(); }
  void move_to(shard& home) override { socket_.move_to(static_cast<real_shard&>(home)); }
  void set_no_delay(bool on) override;
  void set_buffer_sizes(int send_bytes, int receive_bytes) override;

 private:
  int descriptor() const { return socket_.number(); }
  task<result<>> wait_writable();
  void set_option(int level, int name, int value);
  task<sent_bytes> send_on_file_thread(int from, std::int64_t offset, std::int64_t length);
  task<result<>> copy_file(const file& source, std::int64_t offset, std::int64_t length);

  watched_descriptor socket_;
  endpoint local_;
  endpoint peer_;
  bool more_follows_ = false;
  bool is_drained_ = true;  // there is nothing to read before the next event
};

}  // namespace barnabas::runtime::detail
