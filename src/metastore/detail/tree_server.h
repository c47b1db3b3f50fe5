// What the memory store and the embedded store share: one tree, its sessions and watches, and the
// order of operations. A write is applied to the tree at once and answered when the journal has it;
// writes that arrive while the journal is busy share its next call. Reads wait until nothing is
// under way, so nobody sees what may be taken back. Lives on one shard; sessions share its
// ownership.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "metastore/detail/journal.h"
#include "metastore/detail/tree.h"
#include "metastore/store.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"

namespace barnabas::metastore::detail {

struct session_state {
  std::int64_t id = 0;
  bool is_expired = false;
  std::deque<watch_event> events;
  runtime::condition arrived;
};
using session_ptr = std::shared_ptr<session_state>;

class tree_server {
 public:
  // Without a journal nothing outlives the server. Ephemeral nodes in `content` belong to sessions
  // of the past and go.
  tree_server(tree content, std::unique_ptr<journal> journal);

  session_ptr open_session();
  // Its ephemeral nodes vanish at once; they are durably gone with the next write.
  void end_session(const session_ptr& session);
  void end_session(std::int64_t id);

  runtime::task<store_result<std::vector<operation_outcome>>> change(session_ptr session,
                                                                     std::vector<operation> all);
  // Returns when the journal is idle and reads are allowed.
  runtime::task<> settle();

  const tree& content() const { return tree_; }
  void watch_node(const session_ptr& session, const std::string& path) {
    node_watches_[path].insert(session->id);
  }
  void watch_children(const session_ptr& session, const std::string& path) {
    children_watches_[path].insert(session->id);
  }
  // Refuses further writes and waits for those under way.
  runtime::task<> close();

 private:
  struct batch {
    std::vector<node_change> changes;
    bool is_done = false;
    bool has_failed = false;
    std::string failure;
    runtime::condition done;
  };
  using watches = std::unordered_map<std::string, std::set<std::int64_t>>;

  runtime::task<store_result<>> commit(std::vector<node_change> changes);
  runtime::task<> write_batches();
  void finish(batch& batch, const result<>& outcome);
  void tell_watchers(const std::vector<node_change>& changes);
  void fire(watches& from, const std::string& path, event_kind kind);

  tree tree_;
  std::unique_ptr<journal> journal_;
  std::map<std::int64_t, session_ptr> sessions_;
  watches node_watches_;
  watches children_watches_;
  std::shared_ptr<batch> open_ = std::make_shared<batch>();  // collects while the journal is busy
  bool is_writing_ = false;
  bool is_closed_ = false;
  runtime::condition idle_;
  runtime::task_group tasks_{"metastore"};
};

// A session on a tree_server.
class tree_session final : public session {
 public:
  explicit tree_session(std::shared_ptr<tree_server> server);
  ~tree_session() override;

  std::int64_t id() const override { return state_->id; }
  runtime::task<store_result<operation_outcome>> create(create_operation what) override;
  runtime::task<store_result<node_stat>> set(set_operation what) override;
  runtime::task<store_result<>> remove(remove_operation what) override;
  runtime::task<store_result<std::vector<operation_outcome>>> multi(
      std::vector<operation> all) override;
  runtime::task<store_result<node_value>> get(std::string path, watch watch) override;
  runtime::task<store_result<std::optional<node_stat>>> exists(std::string path,
                                                               watch watch) override;
  runtime::task<store_result<std::vector<std::string>>> children(std::string path,
                                                                 watch watch) override;
  runtime::task<std::vector<store_result<node_value>>> get_many(std::vector<std::string> paths,
                                                                watch watch) override;
  runtime::task<watch_event> next_event() override;
  runtime::task<> close() override;

 private:
  // Waits as a reader must; fails when the session is over.
  runtime::task<store_result<>> ready_to_read();
  store_result<node_value> read(const std::string& path, watch watch);

  std::shared_ptr<tree_server> server_;
  session_ptr state_;
};

}  // namespace barnabas::metastore::detail
