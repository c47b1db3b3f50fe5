#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "runtime/socket.h"
#include "security/detail/tls_state.h"

namespace barnabas::security::detail {

// TLS of one connection without the connection: encrypted bytes come in and go out through
// buffers. Errors (network_exception) name the peer and say what a person can change.
class tls_engine {
 public:
  tls_engine(std::shared_ptr<tls_state> state, runtime::endpoint peer, std::int64_t wall_clock_ms);
  tls_engine(const tls_engine&) = delete;
  tls_engine& operator=(const tls_engine&) = delete;
  ~tls_engine();

  // True when it is done; false when more must come in.
  result<bool> handshake();
  // As try_read of a stream.
  result<std::optional<std::size_t>> read(mutable_bytes into);
  // Whether read() would give something.
  bool has_something_to_read();
  result<> write(bytes_view plain);
  // Says to the peer that nothing more will come.
  void say_goodbye();

  // Room for bytes that arrive, when all that came before has been asked for; commit() says how
  // many did.
  mutable_bytes room();
  void commit(std::size_t length);
  // Nothing will come for a while: keeps no room.
  void rest() { incoming_.reset(); }
  // The peer has closed its side.
  void end_input() { has_ended_ = true; }
  // What must go out; the caller takes it.
  std::vector<std::byte>& outgoing() { return outgoing_; }

  // What explains that the connection below has failed.
  error explain(const error& below) const;
  std::string version() const;
  // "CN=..." of the peer's certificate; empty without one.
  std::string peer_name() const;
  bool was_resumed() const;

  // For OpenSSL's callbacks.
  void keep_session(SSL_SESSION* session);
  void note_refused(X509* shown) {
    X509_up_ref(shown);
    refused_.reset(shown);
  }
  void note_certificate_question() { was_asked_for_certificate_ = !state_->has_certificate; }

 private:
  friend struct engine_bio;

  error failed(int returned);
  error refused_certificate() const;
  // What may be behind a failure, if anything is known.
  std::string hint() const;
  error broken(const std::string& what) const;
  void expect_host();

  std::shared_ptr<tls_state> state_;
  runtime::endpoint peer_;
  connection_ptr connection_;
  std::unique_ptr<std::byte[]> incoming_;
  std::size_t begin_ = 0;  // of what has not been read in incoming_
  std::size_t end_ = 0;
  std::vector<std::byte> outgoing_;
  certificate_ptr refused_;  // what the peer has shown, and nobody trusts
  bool has_ended_ = false;
  bool has_begun_ = false;                  // something has come
  bool was_asked_for_certificate_ = false;  // and had none
  bool has_read_ = false;                   // data of the application
};

// What engines of this context want to hear from OpenSSL.
void set_callbacks(SSL_CTX* context, tls_role role, int verify_mode);

}  // namespace barnabas::security::detail
