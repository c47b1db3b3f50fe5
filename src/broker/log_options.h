// The settings of server.properties that the log manager is made with.
#pragma once

#include "broker/server_config.h"
#include "storage/log_manager_options.h"

namespace barnabas::broker {

storage::log_manager_options make_log_manager_options(const server_config& config);

}  // namespace barnabas::broker
