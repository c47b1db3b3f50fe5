#include "security/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/ensure.h"

namespace barnabas::security {
namespace {

const EVP_MD* method_of(digest kind) {
  return kind == digest::sha_256 ? EVP_sha256() : EVP_sha512();
}

std::string room_for(digest kind) {
  return std::string(static_cast<std::size_t>(EVP_MD_get_size(method_of(kind))), '\0');
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string hash(digest kind, std::string_view bytes) {
  std::string made = room_for(kind);
  ensure(EVP_Digest(bytes.data(), bytes.size(), bytes_of(made), nullptr, method_of(kind),
                    nullptr) == 1,
         "OpenSSL hashes");
  return made;
}

std::string hmac(digest kind, std::string_view key, std::string_view bytes) {
  std::string made = room_for(kind);
  ensure(HMAC(method_of(kind), key.data(), static_cast<int>(key.size()), bytes_of(bytes),
              bytes.size(), bytes_of(made), nullptr) != nullptr,
         "OpenSSL makes an HMAC");
  return made;
}

std::string pbkdf2(digest kind, std::string_view password, std::string_view salt, int iterations) {
  std::string made = room_for(kind);
  ensure(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                           static_cast<int>(salt.size()), iterations, method_of(kind),
                           static_cast<int>(made.size()), bytes_of(made)) == 1,
         "OpenSSL derives a key");
  return made;
}

bool is_same_secret(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace barnabas::security
