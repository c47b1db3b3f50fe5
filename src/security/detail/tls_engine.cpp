#include "security/detail/tls_engine.h"

#include <algorithm>

#include "base/ensure.h"

namespace barnabas::security::detail {
namespace {

constexpr std::size_t room_bytes = std::size_t{64} << 10;

tls_engine& engine_of(const SSL* connection) {
  return *static_cast<tls_engine*>(SSL_get_app_data(connection));
}

int take_session(SSL* connection, SSL_SESSION* session) {
  engine_of(connection).keep_session(session);
  return 1;
}

int note_question(SSL* connection, X509**, EVP_PKEY**) {
  engine_of(connection).note_certificate_question();
  return 0;
}

int note_verdict(int is_good, X509_STORE_CTX* verification) {
  if (is_good == 0) {
    auto* const connection = static_cast<SSL*>(
        X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    engine_of(connection).note_refused(X509_STORE_CTX_get0_cert(verification));
  }
  return is_good;
}

std::string key_of(const runtime::endpoint& peer) {
  return peer.to_string();
}

bool is_address(const std::string& host) {
  const std::unique_ptr<ASN1_OCTET_STRING, freed_by<ASN1_OCTET_STRING_free>> address(
      a2i_IPADDRESS(host.c_str()));
  ERR_clear_error();
  return address != nullptr;
}

// The names that a certificate is for, for a person.
std::string names_in(const X509* certificate) {
  std::string names;
  const auto add = [&names](std::string_view one) {
    names.append(names.empty() ? "" : ", ").append(one);
  };
  auto* const all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* const each = sk_GENERAL_NAME_value(all, i);
    if (each->type == GEN_DNS || each->type == GEN_IPADD) {
      const ASN1_STRING* const text = each->type == GEN_DNS ? each->d.dNSName : each->d.iPAddress;
      const auto* const bytes = ASN1_STRING_get0_data(text);
      const int length = ASN1_STRING_length(text);
      if (each->type == GEN_DNS) {
        add({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length)});
      } else if (length == 4) {
        add(std::to_string(bytes[0]) + '.' + std::to_string(bytes[1]) + '.' +
            std::to_string(bytes[2]) + '.' + std::to_string(bytes[3]));
      } else {
        add("an IPv6 address");
      }
    }
  }
  GENERAL_NAMES_free(all);
  return names.empty() ? name_of(X509_get_subject_name(certificate)) : names;
}

}  // namespace

// OpenSSL's way to the buffers of an engine.
struct engine_bio {
  static int write(BIO* bio, const char* from, int length) {
    auto& out = static_cast<tls_engine*>(BIO_get_data(bio))->outgoing_;
    const auto* const bytes = reinterpret_cast<const std::byte*>(from);
    out.insert(out.end(), bytes, bytes + length);
    return length;
  }
  static int read(BIO* bio, char* into, int length) {
    auto& engine = *static_cast<tls_engine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::size_t taken =
        std::min(static_cast<std::size_t>(length), engine.end_ - engine.begin_);
    if (taken == 0) {
      if (engine.has_ended_) {
        return 0;
      }
      BIO_set_retry_read(bio);
      return -1;
    }
    std::copy_n(engine.incoming_.get() + engine.begin_, taken, reinterpret_cast<std::byte*>(into));
    engine.begin_ += taken;
    return static_cast<int>(taken);
  }
  static long control(BIO* bio, int what, long, void*) {
    const auto& engine = *static_cast<tls_engine*>(BIO_get_data(bio));
    return what == BIO_CTRL_FLUSH                      ? 1
           : what == BIO_CTRL_EOF && engine.has_ended_ ? engine.begin_ == engine.end_
                                                       : 0;
  }
  static BIO* make(tls_engine& engine) {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "engine");
      BIO_meth_set_write(made, write);
      BIO_meth_set_read(made, read);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    BIO* const bio = BIO_new(method);
    BIO_set_data(bio, &engine);
    BIO_set_init(bio, 1);
    return bio;
  }
};

void set_callbacks(SSL_CTX* context, tls_role role, int verify_mode) {
  SSL_CTX_set_verify(context, verify_mode, note_verdict);
  if (role == tls_role::server) {
    return;
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, take_session);
  SSL_CTX_set_client_cert_cb(context, note_question);
}

tls_engine::tls_engine(std::shared_ptr<tls_state> state, runtime::endpoint peer,
                       std::int64_t wall_clock_ms)
    : state_(std::move(state)),
      peer_(std::move(peer)),
      connection_(SSL_new(state_->context.get())) {
  SSL* const connection = connection_.get();
  SSL_set_app_data(connection, this);
  BIO* const bio = engine_bio::make(*this);
  SSL_set_bio(connection, bio, bio);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(connection), wall_clock_ms / 1000);
  if (state_->role == tls_role::server) {
    SSL_set_accept_state(connection);
    return;
  }
  SSL_set_connect_state(connection);
  expect_host();
  if (const auto found = state_->sessions.find(key_of(peer_)); found != state_->sessions.end()) {
    SSL_set_session(connection, found->second.get());
    // Used once: who listens cannot tell that it is the same client (RFC 8446, C.4).
    if (SSL_SESSION_get_protocol_version(found->second.get()) == TLS1_3_VERSION) {
      state_->sessions.erase(found);
    }
  }
}

tls_engine::~tls_engine() {
  // Else OpenSSL would think that the session was broken off, and never resume it.
  if (SSL_is_init_finished(connection_.get())) {
    SSL_set_shutdown(connection_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

void tls_engine::expect_host() {
  SSL* const connection = connection_.get();
  const bool is_numeric = is_address(peer_.host);
  if (!is_numeric) {
    SSL_set_tlsext_host_name(connection, peer_.host.c_str());
  }
  if (!state_->settings.verifies_server || !state_->settings.verifies_host) {
    return;
  }
  if (is_numeric) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), peer_.host.c_str());
  } else {
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(connection, peer_.host.c_str());
  }
}

void tls_engine::keep_session(SSL_SESSION* session) {
  state_->sessions[key_of(peer_)].reset(session);
}

mutable_bytes tls_engine::room() {
  ensure(begin_ == end_, "OpenSSL has taken what came before it asks for more");
  if (!incoming_) {
    incoming_ = std::make_unique_for_overwrite<std::byte[]>(room_bytes);
  }
  begin_ = end_ = 0;
  return {incoming_.get(), room_bytes};
}

void tls_engine::commit(std::size_t length) {
  end_ += length;
  has_begun_ = has_begun_ || length > 0;
}

result<bool> tls_engine::handshake() {
  ERR_clear_error();
  const int returned = SSL_do_handshake(connection_.get());
  if (returned == 1) {
    return true;
  }
  if (SSL_get_error(connection_.get(), returned) == SSL_ERROR_WANT_READ) {
    return false;
  }
  return fail(failed(returned));
}

result<std::optional<std::size_t>> tls_engine::read(mutable_bytes into) {
  ERR_clear_error();
  std::size_t done = 0;
  const int returned = SSL_read_ex(connection_.get(), into.data(), into.size(), &done);
  if (returned == 1) {
    has_read_ = true;
    return done;
  }
  switch (SSL_get_error(connection_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return std::nullopt;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      return fail(failed(returned));
  }
}

bool tls_engine::has_something_to_read() {
  ERR_clear_error();
  std::byte byte{};
  std::size_t done = 0;
  const int returned = SSL_peek_ex(connection_.get(), &byte, 1, &done);
  // An end or an error is for read() to say.
  return returned == 1 || SSL_get_error(connection_.get(), returned) != SSL_ERROR_WANT_READ;
}

result<> tls_engine::write(bytes_view plain) {
  ERR_clear_error();
  while (!plain.empty()) {
    std::size_t done = 0;
    const int returned = SSL_write_ex(connection_.get(), plain.data(), plain.size(), &done);
    if (returned != 1) {
      return fail(failed(returned));
    }
    plain = plain.subspan(done);
  }
  return {};
}

void tls_engine::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(connection_.get())) {
    SSL_shutdown(connection_.get());
  }
}

std::string tls_engine::version() const {
  return SSL_get_version(connection_.get());
}

std::string tls_engine::peer_name() const {
  const X509* const certificate = SSL_get0_peer_certificate(connection_.get());
  return certificate == nullptr ? "" : name_of(X509_get_subject_name(certificate));
}

bool tls_engine::was_resumed() const {
  return SSL_session_reused(connection_.get()) == 1;
}

error tls_engine::broken(const std::string& what) const {
  return {error_code::network_exception, peer_.to_string() + ": " + what};
}

std::string tls_engine::hint() const {
  if (!SSL_is_init_finished(connection_.get()) && !has_begun_) {
    return "; does that port speak TLS (security.protocol)?";
  }
  return was_asked_for_certificate_ && !has_read_
             ? "; it demands a certificate of the client, and none is set "
               "(ssl.certificate.location and ssl.key.location, or ssl.keystore.location)"
             : "";
}

error tls_engine::explain(const error& below) const {
  return {below.code, below.message + hint(), below.system_error};
}

error tls_engine::refused_certificate() const {
  const long why = SSL_get_verify_result(connection_.get());
  const X509* const shown = refused_.get();
  if (shown == nullptr) {
    return broken("it has shown no certificate");
  }
  if (why == X509_V_ERR_HOSTNAME_MISMATCH || why == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return broken("its certificate is for " + names_in(shown) + ", not for " + peer_.host +
                  "; ssl.endpoint.identification.algorithm=none would not look at the name");
  }
  return broken("its certificate " + name_of(X509_get_subject_name(shown)) + ", issued by " +
                name_of(X509_get_issuer_name(shown)) + ", is not trusted: " +
                X509_verify_cert_error_string(why) + " (" + state_->settings.trust.name() + ")");
}

error tls_engine::failed(int returned) {
  const auto code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  const bool is_shaking_hands = !SSL_is_init_finished(connection_.get());
  if (SSL_get_error(connection_.get(), returned) == SSL_ERROR_SYSCALL ||
      reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    return is_shaking_hands && !has_begun_
               ? broken(
                     "it has closed the connection at the first bytes of TLS: does that port "
                     "speak TLS (security.protocol)?")
               : explain(broken("it has closed the connection in the middle of TLS"));
  }
  const std::string words = last_words();
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET) {
    return broken("it has refused the TLS connection (" + words + ")" + hint());
  }
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return refused_certificate();
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_UNEXPECTED_MESSAGE:
      if (is_shaking_hands) {
        return broken("what it says is no TLS (" + words +
                      "); does that port speak TLS (security.protocol)?");
      }
      [[fallthrough]];
    default:
      return broken((is_shaking_hands ? "the TLS handshake has failed: " : "TLS is broken: ") +
                    words);
  }
}

}  // namespace barnabas::security::detail
