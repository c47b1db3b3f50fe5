// What server.properties says about groups, for their machines.
#pragma once

#include "broker/server_config.h"
#include "group/settings.h"

namespace barnabas::broker {

group::settings group_settings(const server_config& config);

}  // namespace barnabas::broker
