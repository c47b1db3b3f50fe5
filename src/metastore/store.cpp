#include "metastore/store.h"

#include "base/error_code.h"

namespace barnabas::metastore {

std::string_view store_error_name(store_error code) {
  switch (code) {
    case store_error::no_node:
      return "there is no such node";
    case store_error::node_exists:
      return "the node exists";
    case store_error::bad_version:
      return "the node has another version";
    case store_error::not_empty:
      return "the node has children";
    case store_error::no_children_for_ephemerals:
      return "an ephemeral node has no children";
    case store_error::bad_arguments:
      return "not a valid path";
    case store_error::session_expired:
      return "the session has expired";
    case store_error::connection_loss:
      return "the connection to the store was lost";
    case store_error::storage_failed:
      return "the store could not write";
  }
  return "unknown";
}

error to_error(const failure& failure) {
  switch (failure.code) {
    case store_error::session_expired:
      return {error_code::not_controller, failure.message, 0};
    case store_error::connection_loss:
      return {error_code::network_exception, failure.message, 0};
    case store_error::storage_failed:
      return {error_code::kafka_storage_error, failure.message, 0};
    case store_error::no_node:
    case store_error::node_exists:
    case store_error::bad_version:
    case store_error::not_empty:
    case store_error::no_children_for_ephemerals:
    case store_error::bad_arguments:
      break;
  }
  return {error_code::unknown_server_error, failure.message, 0};
}

}  // namespace barnabas::metastore
