// ssl.enabled.protocols, the same for clients and brokers.
#pragma once

#include <string_view>

#include "security/tls_settings.h"

namespace barnabas::security {

// The versions among the names TLSv1.2 and TLSv1.3 in a text. False when there is none.
bool set_versions(tls_settings& settings, std::string_view text);

}  // namespace barnabas::security
