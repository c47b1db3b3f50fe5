// Reads a key store of Java's own format (JKS), made by keytool. Pure: bytes in, DER out.
//
//   store  = 0xFEEDFEED version:int32 (1 or 2) count:int32 entry* check:20
//   entry  = tag:int32 alias:utf created_ms:int64 body
//   body   = length:int32 encrypted_key count:int32 certificate*       tag 1
//          | certificate                                               tag 2
//   certificate = [type:utf, from version 2] length:int32 DER
//   utf    = length:uint16 bytes
//   check  = SHA-1(password in UTF-16, "Mighty Aphrodite", all before it)
//
// An encrypted key is an EncryptedPrivateKeyInfo (RFC 5208) of Java's algorithm
// 1.3.6.1.4.1.42.2.17.1.1: salt:20, bytes, check:20. The key stream is a chain of SHA-1 over the
// password and what came before, the check is SHA-1(password, key).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace barnabas::security {

struct java_key_entry {
  std::string alias;
  std::string encrypted_key;
  std::vector<std::string> chain;  // DER, the key's own certificate first
};
struct java_key_store {
  std::vector<java_key_entry> keys;
  std::vector<std::string> trusted;  // DER
};

bool is_java_key_store(std::string_view bytes);
// Without a password nothing is checked. Errors are invalid_config.
result<java_key_store> read_java_key_store(std::string_view bytes,
                                           const std::optional<std::string>& password);
// The key as PKCS#8 in DER.
result<std::string> decrypt_java_key(std::string_view encrypted_key, std::string_view password);

}  // namespace barnabas::security
