#include "metastore/memory_store.h"

#include "metastore/detail/tree_server.h"

namespace barnabas::metastore {

struct memory_store::state {
  std::shared_ptr<detail::tree_server> server =
      std::make_shared<detail::tree_server>(detail::tree(), nullptr);
};

memory_store::memory_store() : state_(std::make_shared<state>()) {}
memory_store::~memory_store() = default;

runtime::task<store_result<std::unique_ptr<session>>> memory_store::connect(
    runtime::duration /*timeout*/) {
  co_return std::make_unique<detail::tree_session>(state_->server);
}

void memory_store::expire(std::int64_t session_id) {
  state_->server->end_session(session_id);
}

}  // namespace barnabas::metastore
