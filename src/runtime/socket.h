// Sockets, behind the seam. A stream lives on the shard it was made for and has at most one reader
// and one writer at a time. Errors have code NETWORK_EXCEPTION and a message with the peer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace barnabas::runtime {

struct endpoint {
  std::string
      host;  // a name, or an IPv4 or IPv6 address without brackets; empty: every local address
  std::uint16_t port = 0;

  std::string to_string() const;  // "host:port", "[v6]:port"
  bool operator==(const endpoint&) const = default;
};

constexpr std::chrono::milliseconds stream_patience(10);

class stream {
 public:
  virtual ~stream() = default;

  virtual const endpoint& local() const = 0;
  virtual const endpoint& peer() const = 0;
  // Waits for bytes, and returns as many as are there, up to into.size(); 0 when the peer has
  // closed its side.
  virtual task<result<std::size_t>> read_some(mutable_bytes into) = 0;
  // What is there now; nothing when a read would wait.
  virtual result<std::optional<std::size_t>> try_read(mutable_bytes into) = 0;
  // Completes when there is something to read or the peer has closed, so that an idle connection
  // needs no buffer.
  virtual task<result<>> wait_readable() = 0;
  // All of it, in order; the parts must live until then.
  virtual task<result<>> write(std::span<const bytes_view> parts) = 0;
  // Until it is taken back, what is written may wait in the kernel to travel with what follows,
  // which must follow at once.
  virtual void set_more_follows(bool) {}
  // While it is patient, what arrives may be told of as much as stream_patience late, together with
  // what has arrived on other patient streams of its shard: for a peer that sends a sign of life
  // now and then. Ten thousand of them would otherwise each wake the shard for one request.
  virtual void set_patient(bool) {}
  // All of [offset, offset + length) of the file by sendfile; an error when the file ends before.
  // `is_cached`: what follows in the file was just found in the page cache, so that this need not
  // be looked for there.
  virtual task<result<>> send_file(const file& source, std::int64_t offset, std::int64_t length,
                                   bool is_cached) = 0;
  // Ends pending operations with an error; further ones fail. The destructor closes too, but
  // nothing may be pending.
  virtual void close() = 0;
  // From now on it lives on `home`. Called where it has lived; no operation is pending.
  virtual void move_to(shard& home) = 0;
  virtual void set_no_delay(bool on) = 0;
  // Bytes; 0 leaves the system's default (socket.send.buffer.bytes and its twin in Kafka are -1 for
  // that).
  virtual void set_buffer_sizes(int send_bytes, int receive_bytes) = 0;
};

class listener {
 public:
  virtual ~listener() = default;
  // The bound address: the real port when 0 was asked for.
  virtual const endpoint& local() const = 0;
  // The stream will live on `home`; accept() itself runs on the listener's shard. After "too many
  // open files" it may be called again.
  virtual task<result<std::unique_ptr<stream>>> accept(shard& home) = 0;
  virtual void close() = 0;
};

// With it an attempt to connect, or to shake hands, is ended before its deadline. Lives on the
// attempt's shard and longer than it; for one attempt at a time.
class connect_stop {
 public:
  void request() {
    is_requested_ = true;
    if (end_) {
      end_();
    }
  }
  bool is_requested() const { return is_requested_; }

  // Of an attempt: how it is ended while it waits.
  class wait {
   public:
    wait(connect_stop* by, std::function<void()> end) : by_(by) {
      if (by_ != nullptr) {
        by_->end_ = std::move(end);
      }
    }
    ~wait() {
      if (by_ != nullptr) {
        by_->end_ = nullptr;
      }
    }
    wait(const wait&) = delete;
    wait& operator=(const wait&) = delete;

   private:
    connect_stop* by_;
  };

 private:
  bool is_requested_ = false;
  std::function<void()> end_;
};

class network {
 public:
  virtual ~network() = default;
  // On the calling shard. An empty host listens on all addresses, IPv6 and IPv4.
  virtual result<std::unique_ptr<listener>> listen(const endpoint& local, int backlog) = 0;
  // Resolves and connects; the stream lives on the calling shard. Without `stop` only the deadline
  // ends it; with it, the error is ECANCELED.
  virtual task<result<std::unique_ptr<stream>>> connect(endpoint peer, steady_time deadline,
                                                        connect_stop* stop = nullptr) = 0;
};

}  // namespace barnabas::runtime
