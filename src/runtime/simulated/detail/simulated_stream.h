// One side of a simulated connection, as a process has it.
#pragma once

#include "runtime/simulated/detail/connection.h"

namespace barnabas::runtime::simulated::detail {

class simulated_stream final : public stream {
 public:
  simulated_stream(std::shared_ptr<connection> joined, int which)
      : joined_(std::move(joined)),
        which_(which),
        local_(joined_->at(which).address),
        peer_(joined_->at(1 - which).address) {}
  ~simulated_stream() override { joined_->close(which_); }

  const endpoint& local() const override { return local_; }
  const endpoint& peer() const override { return peer_; }
  task<result<std::size_t>> read_some(mutable_bytes into) override;
  result<std::optional<std::size_t>> try_read(mutable_bytes into) override;
  task<result<>> wait_readable() override;
  task<result<>> write(std::span<const bytes_view> parts) override;
  task<result<>> send_file(const file& source, std::int64_t offset, std::int64_t length,
                           bool is_cached) override;
  void set_patient(bool yes) override { joined_->at(which_).is_patient = yes; }
  void close() override { joined_->close(which_); }
  void move_to(shard&) override {}  // each wait says where it is
  void set_no_delay(bool) override {}
  void set_buffer_sizes(int, int) override {}

 private:
  // An errno, or 0.
  static int trouble(const connection::side& mine);

  std::shared_ptr<connection> joined_;
  int which_;
  endpoint local_;
  endpoint peer_;
};

}  // namespace barnabas::runtime::simulated::detail
