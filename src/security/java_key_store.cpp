#include "security/java_key_store.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "base/endian.h"
#include "base/ensure.h"
#include "security/digest.h"

namespace barnabas::security {
namespace {

constexpr std::uint32_t magic = 0xFEEDFEED;
constexpr std::string_view whitener = "Mighty Aphrodite";
constexpr std::string_view key_algorithm = "1.3.6.1.4.1.42.2.17.1.1";
constexpr std::size_t sha_1_bytes = 20;
enum entry_tag : std::int32_t { private_key = 1, trusted_certificate = 2 };

std::unexpected<error> malformed(std::string what) {
  return fail(error_code::invalid_config, std::move(what));
}

// Reads big-endian fields; once something is missing everything is, and is_whole() says so.
class field_reader {
 public:
  explicit field_reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t length) {
    is_whole_ = is_whole_ && length <= rest_.size();
    if (!is_whole_) {
      return {};
    }
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }
  template <class T>
  T number() {
    const std::string_view bytes = take(sizeof(T));
    return is_whole_ ? load_big_endian<T>(reinterpret_cast<const std::byte*>(bytes.data())) : T{};
  }
  std::string_view utf() { return take(number<std::uint16_t>()); }
  // With its length, of which a negative one is larger than anything.
  std::string_view block() { return take(number<std::uint32_t>()); }
  bool is_whole() const { return is_whole_; }
  bool is_empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_whole_ = true;
};

std::string sha_1(std::string_view one, std::string_view two, std::string_view three = {}) {
  std::string made(sha_1_bytes, '\0');
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state(EVP_MD_CTX_new(),
                                                                      EVP_MD_CTX_free);
  bool is_done = EVP_DigestInit_ex(state.get(), EVP_sha1(), nullptr) == 1;
  for (const std::string_view part : {one, two, three}) {
    is_done = is_done && EVP_DigestUpdate(state.get(), part.data(), part.size()) == 1;
  }
  is_done =
      is_done &&
      EVP_DigestFinal_ex(state.get(), reinterpret_cast<unsigned char*>(made.data()), nullptr) == 1;
  ensure(is_done, "OpenSSL hashes");
  return made;
}

// A password as Java hashes it: UTF-16, big-endian. Each byte that is no UTF-8 counts as itself.
std::string utf_16(std::string_view text) {
  std::string made;
  const auto add = [&made](std::uint32_t unit) {
    made += static_cast<char>(unit >> 8);
    made += static_cast<char>(unit & 0xFF);
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    std::uint32_t point = more == 0 ? first : first & (0x3Fu >> more);
    for (int k = 0; k < more && i < text.size(); ++k) {
      point = point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
    }
    if (point >= 0x10000) {
      add(0xD800 + ((point - 0x10000) >> 10));
      add(0xDC00 + ((point - 0x10000) & 0x3FF));
    } else {
      add(point);
    }
  }
  return made;
}

std::string read_certificate(field_reader& in, std::uint32_t version) {
  if (version == 2) {
    in.utf();
  }
  return std::string(in.block());
}

java_key_entry read_key(field_reader& in, std::uint32_t version, std::string alias) {
  java_key_entry entry{.alias = std::move(alias), .encrypted_key = std::string(in.block())};
  const auto certificates = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < certificates && in.is_whole(); ++i) {
    entry.chain.push_back(read_certificate(in, version));
  }
  return entry;
}

}  // namespace

bool is_java_key_store(std::string_view bytes) {
  return field_reader(bytes).number<std::uint32_t>() == magic;
}

result<java_key_store> read_java_key_store(std::string_view bytes,
                                           const std::optional<std::string>& password) {
  if (bytes.size() < sha_1_bytes || !is_java_key_store(bytes)) {
    return malformed("no Java key store");
  }
  const std::string_view content = bytes.substr(0, bytes.size() - sha_1_bytes);
  if (password &&
      !is_same_secret(sha_1(utf_16(*password), whitener, content), bytes.substr(content.size()))) {
    return malformed("the password is wrong, or the file is damaged");
  }
  field_reader in(content);
  in.number<std::uint32_t>();
  const auto version = in.number<std::uint32_t>();
  if (version != 1 && version != 2) {
    return malformed("a Java key store of unknown version " + std::to_string(version));
  }
  java_key_store store;
  const auto entries = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < entries && in.is_whole(); ++i) {
    const auto tag = in.number<std::int32_t>();
    std::string alias(in.utf());
    in.number<std::int64_t>();
    if (tag == private_key) {
      store.keys.push_back(read_key(in, version, std::move(alias)));
    } else if (tag == trusted_certificate) {
      store.trusted.push_back(read_certificate(in, version));
    } else if (in.is_whole()) {
      return malformed("an entry of unknown kind " + std::to_string(tag));
    }
  }
  if (!in.is_whole() || !in.is_empty()) {
    return malformed("the key store ends in the middle of an entry, or behind the last");
  }
  return store;
}

result<std::string> decrypt_java_key(std::string_view encrypted_key, std::string_view password) {
  auto at = reinterpret_cast<const unsigned char*>(encrypted_key.data());
  const std::unique_ptr<X509_SIG, decltype(&X509_SIG_free)> info(
      d2i_X509_SIG(nullptr, &at, static_cast<long>(encrypted_key.size())), X509_SIG_free);
  if (!info) {
    return malformed("a key that is no EncryptedPrivateKeyInfo");
  }
  const X509_ALGOR* algorithm = nullptr;
  const ASN1_OCTET_STRING* octets = nullptr;
  X509_SIG_get0(info.get(), &algorithm, &octets);
  const ASN1_OBJECT* identifier = nullptr;
  X509_ALGOR_get0(&identifier, nullptr, nullptr, algorithm);
  std::array<char, 64> name{};
  OBJ_obj2txt(name.data(), name.size(), identifier, 1);
  if (key_algorithm != name.data()) {
    return malformed(std::string("a key of unknown protection ") + name.data());
  }
  const std::string_view all(reinterpret_cast<const char*>(ASN1_STRING_get0_data(octets)),
                             static_cast<std::size_t>(ASN1_STRING_length(octets)));
  if (all.size() < 2 * sha_1_bytes) {
    return malformed("a key that is too short");
  }
  const std::string secret = utf_16(password);
  std::string key(all.substr(sha_1_bytes, all.size() - 2 * sha_1_bytes));
  std::string stream(all.substr(0, sha_1_bytes));
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (i % sha_1_bytes == 0) {
      stream = sha_1(secret, stream);
    }
    key[i] = static_cast<char>(key[i] ^ stream[i % sha_1_bytes]);
  }
  if (!is_same_secret(sha_1(secret, key), all.substr(all.size() - sha_1_bytes))) {
    return malformed("the password of the key is wrong");
  }
  return key;
}

}  // namespace barnabas::security
