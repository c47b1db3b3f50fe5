// A tree of small nodes with the shape of Apache ZooKeeper: paths, data, versions, ephemeral and
// sequential nodes, one-shot watches, atomic multi-operations, sessions. All state that brokers
// share stands in such a store. A store and its sessions live on one shard (0), where every call is
// made; the store outlives its sessions. Every answer may take time. Operations that are awaited
// one after the other take effect in that order; of those that wait at the same time, writes do.
//
// A path is "/" or '/' name ('/' name)*; names are not empty, not "." or "..", and hold no control
// characters.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace barnabas::metastore {

enum class store_error : std::uint8_t {
  no_node,  // the node, or the parent of a node to be created, is not there
  node_exists,
  bad_version,  // the node has another version than the caller expected
  not_empty,    // a node with children cannot be removed
  no_children_for_ephemerals,
  bad_arguments,    // a path that breaks the grammar
  session_expired,  // the session is over and its ephemeral nodes are gone: connect again
  connection_loss,  // nobody knows whether the operation took effect: read, then decide
  storage_failed,   // the store could not make it durable; it did not take effect
};
std::string_view store_error_name(store_error code);

struct failure {
  store_error code{};
  std::string message;  // names the path
};
template <class T = void>
using store_result = std::expected<T, failure>;

// As an error for a client: session_expired and connection_loss are NOT_CONTROLLER and
// NETWORK_EXCEPTION, which clients retry; storage_failed is KAFKA_STORAGE_ERROR; all else is
// UNKNOWN_SERVER_ERROR.
error to_error(const failure& failure);

// ZooKeeper's Stat. A zxid numbers the store's changes, ascending.
struct node_stat {
  std::int64_t created_zxid = 0;
  std::int64_t modified_zxid = 0;           // of the data
  std::int64_t children_modified_zxid = 0;  // of the list of children
  std::int64_t created_ms = 0;
  std::int64_t modified_ms = 0;
  std::int32_t version = 0;           // changes of the data since its creation
  std::int32_t children_version = 0;  // changes of the list of children
  std::int64_t ephemeral_owner = 0;   // session id, 0 for a persistent node

  bool operator==(const node_stat&) const = default;
};
struct node_value {
  std::string data;
  node_stat stat;
};

enum class node_kind : std::uint8_t {
  persistent,
  ephemeral,              // vanishes with the session that made it; has no children
  persistent_sequential,  // a number of ten digits, ascending a parent, is added to the name
  ephemeral_sequential,
};
inline constexpr std::int32_t any_version = -1;

// The parts of a multi(). Sessions' create(), set(), remove() have the same fields.
struct create_operation {
  std::string path;
  std::string data;
  node_kind kind = node_kind::persistent;
};
struct set_operation {
  std::string path;
  std::string data;
  std::int32_t version = any_version;
};
struct remove_operation {
  std::string path;
  std::int32_t version = any_version;
};
struct check_operation {
  std::string path;
  std::int32_t version = any_version;
};
using operation = std::variant<create_operation, set_operation, remove_operation, check_operation>;

// What an operation did: the path (with its number, when sequential) and, after create and set, the
// node's stat.
struct operation_outcome {
  std::string path;
  node_stat stat;
};

enum class event_kind : std::uint8_t {
  node_created,
  node_data_changed,
  node_removed,
  children_changed,
  disconnected,  // of the session: answers may fail until `connected`
  connected,
  session_expired,  // the last event, also after close()
};
struct watch_event {
  event_kind kind{};
  std::string path;  // empty for events of the session
};

// Whether a read leaves a watch: one event, at the first change after the read.
enum class watch : bool { no, yes };

class session {
 public:
  // Ends the session if close() has not.
  virtual ~session() = default;

  virtual std::int64_t id() const = 0;

  virtual runtime::task<store_result<operation_outcome>> create(create_operation what) = 0;
  virtual runtime::task<store_result<node_stat>> set(set_operation what) = 0;
  virtual runtime::task<store_result<>> remove(remove_operation what) = 0;
  // All or none. On failure the message names the path of the operation that was refused.
  virtual runtime::task<store_result<std::vector<operation_outcome>>> multi(
      std::vector<operation> all) = 0;

  // A watch of get() and exists() sees creation, change and removal of the node, one of children()
  // its removal and changes of the list. get() and children() of a missing node fail with no_node
  // and leave no watch.
  virtual runtime::task<store_result<node_value>> get(std::string path,
                                                      watch watch = watch::no) = 0;
  virtual runtime::task<store_result<std::optional<node_stat>>> exists(std::string path,
                                                                       watch watch = watch::no) = 0;
  // Names, in no particular order.
  virtual runtime::task<store_result<std::vector<std::string>>> children(
      std::string path, watch watch = watch::no) = 0;
  // As many get() without a wait between them; answers in the order of `paths`.
  virtual runtime::task<std::vector<store_result<node_value>>> get_many(
      std::vector<std::string> paths, watch watch = watch::no) = 0;

  // The next event in order; waits until there is one. One caller at a time. After session_expired
  // it gives the same again.
  virtual runtime::task<watch_event> next_event() = 0;
  // Removes the session's ephemeral nodes.
  virtual runtime::task<> close() = 0;
};

class store {
 public:
  virtual ~store() = default;
  // `timeout` is how long a session outlives its connection.
  virtual runtime::task<store_result<std::unique_ptr<session>>> connect(
      runtime::duration timeout) = 0;
};

}  // namespace barnabas::metastore
