#include "security/detail/store_reader.h"

#include "security/java_key_store.h"

namespace barnabas::security::detail {
namespace {

std::unexpected<error> refuse(const tls_store& store, const std::string& why) {
  return fail(error_code::invalid_config, store.name() + ": " + why);
}

bool is_pem(std::string_view content) {
  return content.contains("-----BEGIN ");
}

// What a PEM reader asks for the password.
struct password_question {
  const std::optional<std::string>& password;
  bool was_asked = false;

  static int answer(char* into, int room, int, void* self) {
    auto& question = *static_cast<password_question*>(self);
    question.was_asked = true;
    const std::string& word = question.password ? *question.password : std::string();
    if (!question.password || word.size() > static_cast<std::size_t>(room)) {
      return -1;
    }
    word.copy(into, word.size());
    return static_cast<int>(word.size());
  }
};

std::string password_trouble(const std::optional<std::string>& password,
                             const std::string& setting) {
  return password ? "the password is wrong (" + setting + ")"
                  : "it is encrypted, and " + setting + " is not set";
}

result<std::vector<certificate_ptr>> pem_certificates(const tls_store& store) {
  const bio_ptr in = reader_of(store.content);
  std::vector<certificate_ptr> all;
  ERR_clear_error();
  while (certificate_ptr one{PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr)}) {
    all.push_back(std::move(one));
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return refuse(store, "certificate " + std::to_string(all.size() + 1) +
                             " cannot be read: " + last_words());
  }
  ERR_clear_error();
  return all;
}

result<certificate_ptr> certificate_of(const tls_store& store, std::string_view der) {
  auto at = reinterpret_cast<const unsigned char*>(der.data());
  certificate_ptr one{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
  return one ? result<certificate_ptr>(std::move(one))
             : refuse(store, "a certificate cannot be read: " + last_words());
}

result<std::vector<certificate_ptr>> certificates_of(const tls_store& store,
                                                     const std::vector<std::string>& ders) {
  std::vector<certificate_ptr> all;
  for (const std::string& der : ders) {
    auto one = certificate_of(store, der);
    if (!one) {
      return fail(std::move(one.error()));
    }
    all.push_back(std::move(*one));
  }
  return all;
}

result<java_key_store> java_store(const tls_store& store) {
  auto read = read_java_key_store(store.content, store.password);
  return read ? std::move(read)
              : refuse(store, read.error().message +
                                  (store.password ? " (" + store.password_setting + ")" : ""));
}

// All that a PKCS#12 store has; the key and its certificate may be missing.
result<identity> pkcs12_content(const tls_store& store) {
  auto at = reinterpret_cast<const unsigned char*>(store.content.data());
  const pkcs12_ptr read{d2i_PKCS12(nullptr, &at, static_cast<long>(store.content.size()))};
  if (!read) {
    return refuse(store, "neither PEM nor PKCS#12 nor JKS");
  }
  const char* const password = store.password ? store.password->c_str() : nullptr;
  if (PKCS12_verify_mac(read.get(), password, -1) != 1) {
    ERR_clear_error();
    return refuse(store, password_trouble(store.password, store.password_setting));
  }
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  ERR_clear_error();
  if (PKCS12_parse(read.get(), password, &key, &certificate, &others) != 1) {
    return refuse(store, "it cannot be opened: " + last_words());
  }
  identity all{.certificate = certificate_ptr(certificate), .key = key_ptr(key)};
  const certificates_ptr owned(others);
  while (others != nullptr && sk_X509_num(others) > 0) {
    all.chain.emplace_back(sk_X509_shift(others));
  }
  return all;
}

result<key_ptr> pem_key(const tls_store& store, const std::optional<std::string>& password,
                        const std::string& password_setting) {
  const bio_ptr in = reader_of(store.content);
  password_question question{password};
  ERR_clear_error();
  key_ptr key{PEM_read_bio_PrivateKey(in.get(), nullptr, password_question::answer, &question)};
  if (key) {
    return key;
  }
  const std::string words = last_words();
  return refuse(store, question.was_asked ? password_trouble(password, password_setting)
                                          : "the key cannot be read: " + words);
}

result<key_ptr> java_key(const tls_store& store, const java_key_entry& entry,
                         const std::string& password, const std::string& password_setting) {
  const auto der = decrypt_java_key(entry.encrypted_key, password);
  if (!der) {
    return refuse(store, entry.alias + ": " + der.error().message + " (" + password_setting + ")");
  }
  auto at = reinterpret_cast<const unsigned char*>(der->data());
  key_ptr key{d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der->size()))};
  return key ? result<key_ptr>(std::move(key))
             : refuse(store, entry.alias + ": the key cannot be read: " + last_words());
}

// A key has the password of its own setting or that of its store.
struct key_secret {
  std::optional<std::string> password;
  std::string setting;
};
key_secret secret_of(const tls_settings& settings, const tls_store& store) {
  return settings.key_password || !store.password
             ? key_secret{settings.key_password, settings.key_password_setting}
             : key_secret{store.password, store.password_setting};
}

result<identity> java_identity(const tls_settings& settings) {
  const tls_store& store = settings.certificate;
  const auto read = java_store(store);
  if (!read) {
    return fail(read.error());
  }
  if (read->keys.empty()) {
    return refuse(store, "there is no private key in it");
  }
  const java_key_entry& entry = read->keys.front();
  auto chain = certificates_of(store, entry.chain);
  if (!chain || chain->empty()) {
    return chain ? refuse(store, entry.alias + " has no certificate") : fail(chain.error());
  }
  const key_secret secret = secret_of(settings, store);
  auto key = java_key(store, entry, secret.password.value_or(""), secret.setting);
  if (!key) {
    return fail(std::move(key.error()));
  }
  identity all{.certificate = std::move(chain->front()), .key = std::move(*key)};
  chain->erase(chain->begin());
  all.chain = std::move(*chain);
  return all;
}

result<identity> pem_identity(const tls_settings& settings) {
  auto chain = pem_certificates(settings.certificate);
  if (!chain || chain->empty()) {
    return chain ? refuse(settings.certificate, "there is no certificate in it")
                 : fail(chain.error());
  }
  const tls_store& store = settings.key.is_set() ? settings.key : settings.certificate;
  const key_secret secret = secret_of(settings, store);
  auto key = pem_key(store, secret.password, secret.setting);
  if (!key) {
    return fail(std::move(key.error()));
  }
  identity all{.certificate = std::move(chain->front()), .key = std::move(*key)};
  chain->erase(chain->begin());
  all.chain = std::move(*chain);
  return all;
}

}  // namespace

result<std::vector<certificate_ptr>> read_certificates(const tls_store& store) {
  result<std::vector<certificate_ptr>> all;
  if (is_java_key_store(store.content)) {
    const auto read = java_store(store);
    all = read ? certificates_of(store, read->trusted) : fail(read.error());
  } else if (is_pem(store.content)) {
    all = pem_certificates(store);
  } else {
    auto read = pkcs12_content(store);
    all = read ? result<std::vector<certificate_ptr>>(std::move(read->chain)) : fail(read.error());
  }
  return all && all->empty() ? refuse(store, "there is no certificate in it") : std::move(all);
}

result<std::vector<revocations_ptr>> read_revocations(const tls_store& store) {
  const bio_ptr in = reader_of(store.content);
  std::vector<revocations_ptr> all;
  ERR_clear_error();
  while (revocations_ptr one{PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr)}) {
    all.push_back(std::move(one));
  }
  const std::string words = last_words();
  return all.empty() ? refuse(store, "there is no list of revocations in it: " + words)
                     : result<std::vector<revocations_ptr>>(std::move(all));
}

result<identity> read_identity(const tls_settings& settings) {
  const tls_store& store = settings.certificate;
  result<identity> all = is_java_key_store(store.content) ? java_identity(settings)
                         : is_pem(store.content)          ? pem_identity(settings)
                                                          : pkcs12_content(store);
  if (!all) {
    return all;
  }
  if (!all->certificate || !all->key) {
    return refuse(store, "there is no private key with its certificate in it");
  }
  if (X509_check_private_key(all->certificate.get(), all->key.get()) != 1) {
    ERR_clear_error();
    return refuse(settings.key.is_set() ? settings.key : store,
                  "the key does not belong to the certificate " +
                      name_of(X509_get_subject_name(all->certificate.get())));
  }
  return all;
}

}  // namespace barnabas::security::detail
