#include "metastore/detail/tree_server.h"
#include "runtime/shard.h"

namespace barnabas::metastore::detail {

tree_session::tree_session(std::shared_ptr<tree_server> server)
    : server_(std::move(server)), state_(server_->open_session()) {}

tree_session::~tree_session() {
  server_->end_session(state_);
}

runtime::task<store_result<operation_outcome>> tree_session::create(create_operation what) {
  std::vector<operation> all;
  all.emplace_back(std::move(what));
  auto done = co_await server_->change(state_, std::move(all));
  if (!done) {
    co_return std::unexpected(std::move(done.error()));
  }
  co_return std::move(done->front());
}

runtime::task<store_result<node_stat>> tree_session::set(set_operation what) {
  std::vector<operation> all;
  all.emplace_back(std::move(what));
  auto done = co_await server_->change(state_, std::move(all));
  if (!done) {
    co_return std::unexpected(std::move(done.error()));
  }
  co_return done->front().stat;
}

runtime::task<store_result<>> tree_session::remove(remove_operation what) {
  std::vector<operation> all;
  all.emplace_back(std::move(what));
  auto done = co_await server_->change(state_, std::move(all));
  if (!done) {
    co_return std::unexpected(std::move(done.error()));
  }
  co_return {};
}

runtime::task<store_result<std::vector<operation_outcome>>> tree_session::multi(
    std::vector<operation> all) {
  return server_->change(state_, std::move(all));
}

runtime::task<store_result<>> tree_session::ready_to_read() {
  co_await server_->settle();
  if (state_->is_expired) {
    co_return std::unexpected(failure{store_error::session_expired, "the session is over"});
  }
  co_return {};
}

store_result<node_value> tree_session::read(const std::string& path, watch watch) {
  auto value = server_->content().get(path);
  if (value && watch == watch::yes) {
    server_->watch_node(state_, path);
  }
  return value;
}

runtime::task<store_result<node_value>> tree_session::get(std::string path, watch watch) {
  if (auto ready = co_await ready_to_read(); !ready) {
    co_return std::unexpected(std::move(ready.error()));
  }
  co_return read(path, watch);
}

runtime::task<store_result<std::optional<node_stat>>> tree_session::exists(std::string path,
                                                                           watch watch) {
  if (auto ready = co_await ready_to_read(); !ready) {
    co_return std::unexpected(std::move(ready.error()));
  }
  if (watch == watch::yes) {
    server_->watch_node(state_, path);
  }
  co_return server_->content().exists(path);
}

runtime::task<store_result<std::vector<std::string>>> tree_session::children(std::string path,
                                                                             watch watch) {
  if (auto ready = co_await ready_to_read(); !ready) {
    co_return std::unexpected(std::move(ready.error()));
  }
  auto names = server_->content().children(path);
  if (names && watch == watch::yes) {
    server_->watch_children(state_, path);
  }
  co_return names;
}

runtime::task<std::vector<store_result<node_value>>> tree_session::get_many(
    std::vector<std::string> paths, watch watch) {
  std::vector<store_result<node_value>> values;
  values.reserve(paths.size());
  const auto ready = co_await ready_to_read();
  for (const auto& path : paths) {
    if (ready) {
      values.push_back(read(path, watch));
    } else {
      values.push_back(std::unexpected(ready.error()));
    }
  }
  co_return values;
}

runtime::task<watch_event> tree_session::next_event() {
  const session_ptr state = state_;
  while (state->events.empty()) {
    co_await state->arrived.wait_until(runtime::no_deadline);
  }
  watch_event event = state->events.front();
  if (event.kind != event_kind::session_expired) {
    state->events.pop_front();
  }
  co_return event;
}

runtime::task<> tree_session::close() {
  server_->end_session(state_);
  co_await server_->settle();
}

}  // namespace barnabas::metastore::detail
