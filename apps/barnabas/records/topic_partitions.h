// The partitions of topics, as commands that read choose them.
#pragma once

#include <barnabas/record.h>

#include <cstdint>
#include <string>
#include <vector>

#include "frame/connection.h"

namespace barnabas::app {

// All partitions of the topics, or those of `wanted`, which each topic must have.
outcome<std::vector<kafka::topic_partition>> find_partitions(
    const connection_flags& connection, const std::vector<std::string>& topics,
    const std::vector<std::int32_t>& wanted = {});

}  // namespace barnabas::app
