#include "security/tls_versions.h"

namespace barnabas::security {

bool set_versions(tls_settings& settings, std::string_view text) {
  const bool has_1_2 = text.contains("TLSv1.2");
  const bool has_1_3 = text.contains("TLSv1.3");
  settings.lowest = has_1_2 ? tls_version::tls_1_2 : tls_version::tls_1_3;
  settings.highest = has_1_3 ? tls_version::tls_1_3 : tls_version::tls_1_2;
  return has_1_2 || has_1_3;
}

}  // namespace barnabas::security
