#include "metastore/detail/tree_server.h"

#include "base/log.h"
#include "metastore/detail/path.h"
#include "runtime/shard.h"

namespace barnabas::metastore::detail {
namespace {

std::vector<operation> removals(const std::vector<std::string>& paths) {
  std::vector<operation> all;
  for (const auto& path : paths) {
    all.emplace_back(remove_operation{path});
  }
  return all;
}

std::unexpected<failure> session_is_over() {
  return std::unexpected(failure{store_error::session_expired, "the session is over"});
}

}  // namespace

tree_server::tree_server(tree content, std::unique_ptr<journal> journal)
    : tree_(std::move(content)), journal_(std::move(journal)) {
  auto removed = tree_.apply(removals(tree_.ephemerals(0)), {});
  open_->changes = std::move(removed->nodes);
}

session_ptr tree_server::open_session() {
  auto session = std::make_shared<session_state>();
  session->id = static_cast<std::int64_t>(runtime::shard::current().random() >> 1 | 1);
  sessions_.emplace(session->id, session);
  return session;
}

void tree_server::end_session(std::int64_t id) {
  if (const auto found = sessions_.find(id); found != sessions_.end()) {
    end_session(session_ptr(found->second));
  }
}

void tree_server::end_session(const session_ptr& session) {
  if (session->is_expired) {
    return;
  }
  session->is_expired = true;
  session->events.push_back({event_kind::session_expired, {}});
  session->arrived.notify_all();
  sessions_.erase(session->id);
  auto removed = tree_.apply(removals(tree_.ephemerals(session->id)), {});
  tell_watchers(removed->nodes);
  if (journal_) {
    std::ranges::move(removed->nodes, std::back_inserter(open_->changes));
  }
}

runtime::task<store_result<std::vector<operation_outcome>>> tree_server::change(
    session_ptr session, std::vector<operation> all) {
  if (session->is_expired) {
    co_return session_is_over();
  }
  auto applied = tree_.apply(all, {session->id, runtime::shard::current().wall_clock_ms()});
  if (!applied) {
    co_await settle();
    co_return std::unexpected(std::move(applied.error()));
  }
  if (auto committed = co_await commit(std::move(applied->nodes)); !committed) {
    co_return std::unexpected(std::move(committed.error()));
  }
  co_return std::move(applied->outcomes);
}

runtime::task<store_result<>> tree_server::commit(std::vector<node_change> changes) {
  if (!journal_) {
    tell_watchers(changes);
    co_await runtime::yield();
    co_return {};
  }
  if (is_closed_) {
    tree_.undo(changes);
    co_return std::unexpected(failure{store_error::storage_failed, "the store is closed"});
  }
  const auto mine = open_;
  std::ranges::move(changes, std::back_inserter(mine->changes));
  if (!is_writing_) {
    is_writing_ = true;
    tasks_.spawn(write_batches());
  }
  while (!mine->is_done) {
    co_await mine->done.wait_until(runtime::no_deadline);
  }
  if (mine->has_failed) {
    co_return std::unexpected(failure{store_error::storage_failed, mine->failure});
  }
  co_return {};
}

runtime::task<> tree_server::write_batches() {
  while (!open_->changes.empty()) {
    const auto batch = std::exchange(open_, std::make_shared<tree_server::batch>());
    const result<> outcome = co_await runtime::blocking(
        [journal = journal_.get(), &changes = batch->changes] { return journal->write(changes); });
    if (!outcome) {
      log(log_level::error, "metastore", "a change could not be made durable and was taken back",
          {field("reason", outcome.error().message)});
      // What was applied since then stands on it, so it goes too.
      tree_.undo(open_->changes);
      finish(*std::exchange(open_, std::make_shared<tree_server::batch>()), outcome);
      tree_.undo(batch->changes);
    }
    finish(*batch, outcome);
  }
  is_writing_ = false;
  idle_.notify_all();
}

void tree_server::finish(batch& batch, const result<>& outcome) {
  batch.is_done = true;
  if (outcome) {
    tell_watchers(batch.changes);
  } else {
    batch.has_failed = true;
    batch.failure = outcome.error().message;
  }
  batch.done.notify_all();
}

runtime::task<> tree_server::settle() {
  if (!journal_) {
    co_await runtime::yield();
  }
  while (is_writing_) {
    co_await idle_.wait_until(runtime::no_deadline);
  }
}

void tree_server::tell_watchers(const std::vector<node_change>& changes) {
  for (const node_change& change : changes) {
    if (!change.before) {
      fire(node_watches_, change.path, event_kind::node_created);
    } else if (!change.after) {
      fire(node_watches_, change.path, event_kind::node_removed);
      fire(children_watches_, change.path, event_kind::node_removed);
    } else if (change.before->stat.version != change.after->stat.version) {
      fire(node_watches_, change.path, event_kind::node_data_changed);
    } else {
      fire(children_watches_, change.path, event_kind::children_changed);
    }
  }
}

void tree_server::fire(watches& from, const std::string& path, event_kind kind) {
  const auto watchers = from.extract(path);
  if (watchers.empty()) {
    return;
  }
  for (const std::int64_t id : watchers.mapped()) {
    if (const auto session = sessions_.find(id); session != sessions_.end()) {
      session->second->events.push_back({kind, path});
      session->second->arrived.notify_all();
    }
  }
}

runtime::task<> tree_server::close() {
  is_closed_ = true;
  if (journal_ && !is_writing_ && !open_->changes.empty()) {
    is_writing_ = true;
    tasks_.spawn(write_batches());
  }
  tasks_.stop();
  co_await tasks_.join();
  journal_.reset();
}

}  // namespace barnabas::metastore::detail
