#include "security/tls_context.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "security/detail/store_reader.h"
#include "security/detail/tls_engine.h"
#include "security/detail/tls_state.h"

namespace barnabas::security {
namespace {

using detail::last_words;

constexpr std::string_view session_context = "barnabas";

std::unexpected<error> refuse(const std::string& what, const std::string& why) {
  return fail(error_code::invalid_config, what + ": " + why);
}

// Names by commas or colons, each OpenSSL's or the standard's (TLS_ECDHE_RSA_...).
struct cipher_names {
  std::string until_1_2;
  std::string since_1_3;
};
cipher_names sort_ciphers(std::string_view text) {
  cipher_names sorted;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(",: "), text.size());
    std::string name(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name.empty()) {
      continue;
    }
    const char* const own = OPENSSL_cipher_name(name.c_str());
    const bool is_new = own != nullptr && std::string_view(own).starts_with("TLS_");
    if (own != nullptr && !is_new && std::string_view(own) != "(NONE)") {
      name = own;
    }
    std::string& list = is_new ? sorted.since_1_3 : sorted.until_1_2;
    list += (list.empty() ? "" : ":") + name;
  }
  return sorted;
}

result<> set_ciphers(SSL_CTX* context, const std::string& text) {
  const cipher_names names = sort_ciphers(text);
  if (!names.until_1_2.empty() && SSL_CTX_set_cipher_list(context, names.until_1_2.c_str()) != 1) {
    return refuse("ssl.cipher.suites", names.until_1_2 + ": " + last_words());
  }
  if (!names.since_1_3.empty() && SSL_CTX_set_ciphersuites(context, names.since_1_3.c_str()) != 1) {
    return refuse("ssl.cipher.suites", names.since_1_3 + ": " + last_words());
  }
  return {};
}

int number_of(tls_version version) {
  return version == tls_version::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

result<> set_what_is_allowed(SSL_CTX* context, const tls_settings& settings) {
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_min_proto_version(context, number_of(settings.lowest));
  SSL_CTX_set_max_proto_version(context, number_of(settings.highest));
  if (auto set = set_ciphers(context, settings.cipher_suites); !set) {
    return set;
  }
  if (!settings.curves.empty() && SSL_CTX_set1_curves_list(context, settings.curves.c_str()) != 1) {
    return refuse("ssl.curves.list", "OpenSSL does not know all of " + settings.curves);
  }
  if (!settings.signature_algorithms.empty() &&
      SSL_CTX_set1_sigalgs_list(context, settings.signature_algorithms.c_str()) != 1) {
    return refuse("ssl.sigalgs.list",
                  "OpenSSL does not know all of " + settings.signature_algorithms);
  }
  return {};
}

result<> set_trust(SSL_CTX* context, tls_role role, const tls_settings& settings) {
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  // As in Java: whatever is in the store is trusted, also what another has signed.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  if (settings.trust.is_set()) {
    const auto trusted = detail::read_certificates(settings.trust);
    if (!trusted) {
      return fail(trusted.error());
    }
    for (const auto& each : *trusted) {
      X509_STORE_add_cert(store, each.get());
      if (role == tls_role::server) {
        SSL_CTX_add_client_CA(context, each.get());
      }
    }
  }
  if (settings.revocations.is_set()) {
    const auto lists = detail::read_revocations(settings.revocations);
    if (!lists) {
      return fail(lists.error());
    }
    for (const auto& each : *lists) {
      X509_STORE_add_crl(store, each.get());
    }
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CRL_CHECK);
  }
  return {};
}

std::string text_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

result<> check_validity(const tls_store& store, const X509* certificate,
                        std::int64_t wall_clock_ms) {
  std::time_t now = wall_clock_ms / 1000;
  const std::string who = detail::name_of(X509_get_subject_name(certificate));
  if (X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0) {
    return refuse(store.name(), "the certificate " + who + " has expired on " +
                                    text_of(X509_get0_notAfter(certificate)));
  }
  if (X509_cmp_time(X509_get0_notBefore(certificate), &now) > 0) {
    return refuse(store.name(), "the certificate " + who + " is not valid before " +
                                    text_of(X509_get0_notBefore(certificate)));
  }
  return {};
}

result<> set_identity(SSL_CTX* context, const tls_settings& settings, std::int64_t wall_clock_ms) {
  auto own = detail::read_identity(settings);
  if (!own) {
    return fail(std::move(own.error()));
  }
  if (auto valid = check_validity(settings.certificate, own->certificate.get(), wall_clock_ms);
      !valid) {
    return valid;
  }
  bool is_set = SSL_CTX_use_certificate(context, own->certificate.get()) == 1 &&
                SSL_CTX_use_PrivateKey(context, own->key.get()) == 1;
  for (const auto& each : own->chain) {
    is_set = is_set && SSL_CTX_add1_chain_cert(context, each.get()) == 1;
  }
  return is_set ? result<>{} : refuse(settings.certificate.name(), last_words());
}

void set_verification(SSL_CTX* context, tls_role role, const tls_settings& settings) {
  int mode = settings.verifies_server ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
  if (role == tls_role::server) {
    mode = settings.clients == client_authentication::none ? SSL_VERIFY_NONE
           : settings.clients == client_authentication::required
               ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
               : SSL_VERIFY_PEER;
    SSL_CTX_set_session_id_context(context,
                                   reinterpret_cast<const unsigned char*>(session_context.data()),
                                   static_cast<unsigned>(session_context.size()));
  }
  detail::set_callbacks(context, role, mode);
}

}  // namespace

result<tls_context> tls_context::make(tls_role role, const tls_settings& loaded,
                                      std::int64_t wall_clock_ms) {
  auto state = std::make_shared<detail::tls_state>();
  state->context.reset(
      SSL_CTX_new(role == tls_role::client ? TLS_client_method() : TLS_server_method()));
  if (!state->context) {
    return refuse("TLS", last_words());
  }
  SSL_CTX* const context = state->context.get();
  result<> set = set_what_is_allowed(context, loaded);
  if (set) {
    set = set_trust(context, role, loaded);
  }
  state->has_certificate = loaded.certificate.is_set();
  if (set && state->has_certificate) {
    set = set_identity(context, loaded, wall_clock_ms);
  }
  if (!set) {
    return fail(std::move(set.error()));
  }
  if (role == tls_role::server && !state->has_certificate) {
    return refuse(loaded.certificate.setting, "a server needs a certificate");
  }
  set_verification(context, role, loaded);
  state->role = role;
  state->settings = loaded;
  state->settings.key_password.reset();
  for (tls_store* const each : {&state->settings.trust, &state->settings.revocations,
                                &state->settings.certificate, &state->settings.key}) {
    each->content.clear();
    each->password.reset();
  }
  return tls_context(std::move(state));
}

}  // namespace barnabas::security
