// Errors of system calls as errors of ours: the operation, its object, and the kernel's words.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace barnabas::runtime::detail {

// "opening /data/x: No such file or directory", KAFKA_STORAGE_ERROR; `number` is an errno.
std::unexpected<error> fail_storage(std::string_view operation, const std::string& path,
                                    int number);
// "reading from 10.0.0.1:9092: Connection reset by peer", NETWORK_EXCEPTION.
std::unexpected<error> fail_network(std::string_view operation, const std::string& peer,
                                    int number);

}  // namespace barnabas::runtime::detail
