#pragma once

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace barnabas::security::detail {

template <auto free_function>
struct freed_by {
  template <class T>
  void operator()(T* owned) const {
    free_function(owned);
  }
};

inline void free_certificates(STACK_OF(X509) * owned) {
  sk_X509_pop_free(owned, X509_free);
}

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using certificates_ptr = std::unique_ptr<STACK_OF(X509), freed_by<free_certificates>>;
using revocations_ptr = std::unique_ptr<X509_CRL, freed_by<X509_CRL_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using pkcs12_ptr = std::unique_ptr<PKCS12, freed_by<PKCS12_free>>;
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using connection_ptr = std::unique_ptr<SSL, freed_by<SSL_free>>;
using session_ptr = std::unique_ptr<SSL_SESSION, freed_by<SSL_SESSION_free>>;

// A view; the text outlives it.
bio_ptr reader_of(std::string_view text);
// What OpenSSL said last on this thread, in its words; empties its list.
std::string last_words();
// As in RFC 2253: "CN=broker,O=Example".
std::string name_of(const X509_NAME* name);

}  // namespace barnabas::security::detail
