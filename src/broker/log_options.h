// Settings of server.properties that parts of the broker are made with; they have been checked
// against the table of settings before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/server_config.h"
#include "storage/log_manager_options.h"

namespace barnabas::broker {

std::string text_setting(const server_config& config, const std::string& key,
                         std::string_view otherwise);
std::int64_t number_setting(const server_config& config, const std::string& key,
                            std::int64_t otherwise);

storage::log_manager_options make_log_manager_options(const server_config& config);

}  // namespace barnabas::broker
