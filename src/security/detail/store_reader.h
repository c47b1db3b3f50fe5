#pragma once

#include <vector>

#include "security/detail/openssl.h"
#include "security/tls_settings.h"

namespace barnabas::security::detail {

// A certificate with its key and what leads to its issuer.
struct identity {
  certificate_ptr certificate;
  std::vector<certificate_ptr> chain;  // without the first
  key_ptr key;
};

// Of stores whose content is loaded. Errors are invalid_config and name the setting, the file and
// what is wrong.
result<std::vector<certificate_ptr>> read_certificates(const tls_store& store);
result<std::vector<revocations_ptr>> read_revocations(const tls_store& store);
result<identity> read_identity(const tls_settings& settings);

}  // namespace barnabas::security::detail
