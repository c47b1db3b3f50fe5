// The settings that the log manager is made with, and those of the cleaner, which change while it
// runs.
#pragma once

#include "broker/server_config.h"
#include "broker/setting_reader.h"
#include "storage/log_manager_options.h"

namespace barnabas::broker {

storage::cleaner_options read_cleaner_options(const setting_reader& in);
storage::log_manager_options make_log_manager_options(const server_config& config);

}  // namespace barnabas::broker
