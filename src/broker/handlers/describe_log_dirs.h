// DescribeLogDirs (API 35), versions 0 to 5 (KIP-113, KIP-827): what lies in each log directory,
// with the bytes of each log and of the copies on their way there, and the room of its disk.
// Without topics all logs are shown. An offline directory has KAFKA_STORAGE_ERROR and shows
// nothing.
#pragma once

#include "broker/owned_response.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"
#include "runtime/task.h"
#include "runtime/world.h"
#include "storage/log_manager.h"

namespace barnabas::broker::handlers {

struct log_dir_services {
  runtime::world& world;
  storage::log_manager& logs;
};

runtime::task<owned_response<protocol::describe_log_dirs_response>> describe_log_dirs(
    log_dir_services services, protocol::describe_log_dirs_request message);

}  // namespace barnabas::broker::handlers
