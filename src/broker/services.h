// What the handlers of all APIs need, for the API table and the wiring only: a handler itself takes
// just the services that it uses. Filled by the broker before it listens; everything outlives the
// sessions.
#pragma once

#include "broker/handlers/describe_log_dirs.h"
#include "broker/handlers/fetch.h"
#include "broker/handlers/group_services.h"
#include "broker/handlers/metadata_services.h"
#include "broker/handlers/produce.h"
#include "broker/node.h"
#include "broker/quota/client_quotas.h"
#include "broker/server_config.h"

namespace barnabas::broker {

class api_table;

struct services {
  const api_table* apis = nullptr;
  const server_config* config = nullptr;
  node* host = nullptr;
  client_quotas* quotas = nullptr;  // null: nobody is limited
  std::int32_t fetch_max_bytes = 0;
  std::chrono::milliseconds offsets_commit_timeout{};

  handlers::metadata_services metadata() const {
    return {host->world(), host->images(), host->controller(), *config, host->broker_id(), quotas};
  }
  handlers::partition_services partitions() const {
    return {host->partitions(), host->images(), host->broker_id()};
  }
  handlers::produce_services produce() const {
    return {partitions(), static_cast<replica::acknowledgement>(config->acknowledge)};
  }
  handlers::group_services groups() const {
    return {group_service(host->groups()), host->images(), offsets_commit_timeout};
  }
  handlers::log_dir_services log_dirs() const { return {host->world(), host->logs()}; }
  handlers::fetch_services fetch() const {
    return {partitions(), host->fetch_sessions(), fetch_max_bytes};
  }
};

}  // namespace barnabas::broker
