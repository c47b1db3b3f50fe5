// What the settings of a broker say about TLS on one of its listeners.
#pragma once

#include <string>

#include "broker/setting_reader.h"
#include "security/tls_settings.h"

namespace barnabas::broker {

// ssl.*; listener.name.NAME.ssl.* come before them. invalid_config names what is missing.
result<security::tls_settings> read_tls_settings(const setting_reader& in,
                                                 const std::string& listener);

}  // namespace barnabas::broker
