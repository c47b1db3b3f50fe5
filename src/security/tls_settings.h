// What somebody set about TLS, as values: where keys and certificates come from, what is allowed,
// what is checked. The same for clients and servers. Each store carries the name of the setting
// that it came from, so that an error can say what to change.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/file_system.h"

namespace barnabas::security {

// Certificates or a private key: PEM, PKCS#12 or JKS, told apart by their first bytes.
struct tls_store {
  std::string setting;   // that says where it is, as in "ssl.ca.location"
  std::string location;  // a file (for what is trusted also a folder of PEM files)
  std::string content;   // of the file; or given in its place
  // Nothing: no password was set.
  std::optional<std::string> password = std::nullopt;  // of the store
  std::string password_setting = {};                   // as in "ssl.key.password"

  bool is_set() const { return !location.empty() || !content.empty(); }
  // "ssl.ca.location=/etc/ca.pem" or "ssl.ca.pem".
  std::string name() const;
  bool operator==(const tls_store&) const = default;
};

enum class tls_version : std::uint8_t { tls_1_2, tls_1_3 };
enum class client_authentication : std::uint8_t { none, requested, required };

struct tls_settings {
  tls_store trust = {};        // unset: the system's
  tls_store revocations = {};  // PEM; unset: none are looked at
  tls_store certificate = {};  // and its chain
  tls_store key = {};          // unset: in the same store as the certificate
  // Of the key itself, where it differs from its store's.
  std::optional<std::string> key_password = std::nullopt;
  std::string key_password_setting = "ssl.key.password";

  std::string cipher_suites = {};  // OpenSSL's or the standard's names; unset: OpenSSL's choice
  std::string curves = {};
  std::string signature_algorithms = {};
  tls_version lowest = tls_version::tls_1_2;
  tls_version highest = tls_version::tls_1_3;

  // Of a client.
  bool verifies_server = true;
  bool verifies_host = true;
  // Of a server.
  client_authentication clients = client_authentication::none;

  bool operator==(const tls_settings&) const = default;
};

// The settings with the content of all files that they name. Blocks. Errors (invalid_config) name
// the setting and the file.
result<tls_settings> load_tls_files(runtime::file_system& files, tls_settings settings);

}  // namespace barnabas::security
