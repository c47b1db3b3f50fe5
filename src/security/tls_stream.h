// TLS over any stream: a stream itself, for either side of a connection. It lives where the stream
// below it lives, and owns it. What is read was encrypted and checked for the peer; the end of a
// connection is an end (0 bytes) only when the peer has said so, else an error, so that nobody can
// cut off the rest.
#pragma once

#include <memory>
#include <vector>

#include "runtime/socket.h"
#include "runtime/wait.h"
#include "security/tls_context.h"

namespace barnabas::security {

namespace detail {
class tls_engine;
}  // namespace detail

class tls_stream final : public runtime::stream {
 public:
  // The handshake, as the role of the context. A client checks the certificate against `host`,
  // the name that it was told to connect to. Errors (network_exception) name the peer, what is
  // wrong and the setting that has to do with it. Without `stop` only the deadline ends it.
  static runtime::task<result<std::unique_ptr<tls_stream>>> open(
      std::unique_ptr<runtime::stream> below, tls_context context, std::string host,
      runtime::steady_time deadline, runtime::connect_stop* stop = nullptr);
  ~tls_stream() override;

  const runtime::endpoint& local() const override { return below_->local(); }
  const runtime::endpoint& peer() const override { return below_->peer(); }
  runtime::task<result<std::size_t>> read_some(mutable_bytes into) override;
  result<std::optional<std::size_t>> try_read(mutable_bytes into) override;
  runtime::task<result<>> wait_readable() override;
  // Small parts share a record, large ones are encrypted where they are.
  runtime::task<result<>> write(std::span<const bytes_view> parts) override;
  // Reads the file; the kernel cannot encrypt it.
  runtime::task<result<>> send_file(const runtime::file& source, std::int64_t offset,
                                    std::int64_t length, bool is_cached) override;
  void set_patient(bool yes) override { below_->set_patient(yes); }
  // Tells the peer, if that does not need to wait.
  void close() override;
  void move_to(runtime::shard& home) override { below_->move_to(home); }
  void set_no_delay(bool on) override { below_->set_no_delay(on); }
  void set_buffer_sizes(int send_bytes, int receive_bytes) override {
    below_->set_buffer_sizes(send_bytes, receive_bytes);
  }

  std::string version() const;    // "TLSv1.3"
  std::string peer_name() const;  // of its certificate, as in RFC 2253; empty without one
  bool was_resumed() const;

 private:
  tls_stream(std::unique_ptr<runtime::stream> below, const tls_context& context,
             runtime::endpoint peer);

  runtime::task<result<>> shake_hands(runtime::steady_time deadline);
  result<bool> take_what_is_there();
  runtime::task<result<>> flush();
  result<> encrypt(bytes_view part);
  result<> encrypt_staged();

  std::unique_ptr<runtime::stream> below_;
  std::unique_ptr<detail::tls_engine> engine_;
  std::vector<std::byte> staged_;   // small parts on their way into a record
  std::vector<std::byte> sending_;  // encrypted, while the stream below writes it
  bool is_flushing_ = false;
  bool is_closed_ = false;
  runtime::condition flushed_;
};

}  // namespace barnabas::security
