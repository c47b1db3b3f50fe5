#include "metastore/embedded_store.h"

#include "metastore/detail/database.h"
#include "metastore/detail/tree_server.h"
#include "runtime/shard.h"

namespace barnabas::metastore {

struct embedded_store::state {
  std::shared_ptr<detail::tree_server> server;
};

embedded_store::embedded_store(std::shared_ptr<state> state) : state_(std::move(state)) {}
embedded_store::~embedded_store() = default;

namespace {

struct opened {
  std::unique_ptr<detail::database> file;
  detail::tree content;
};

result<opened> open_and_load(const std::string& path) {
  auto file = detail::database::open(path);
  if (!file) {
    return std::unexpected(std::move(file.error()));
  }
  auto content = (*file)->load();
  if (!content) {
    return std::unexpected(std::move(content.error()));
  }
  return opened{std::move(*file), std::move(*content)};
}

}  // namespace

runtime::task<result<std::unique_ptr<embedded_store>>> embedded_store::open(std::string folder) {
  auto found =
      co_await runtime::blocking([path = folder + "/metadata.db"] { return open_and_load(path); });
  if (!found) {
    co_return std::unexpected(std::move(found.error()));
  }
  auto made = std::make_shared<state>();
  made->server =
      std::make_shared<detail::tree_server>(std::move(found->content), std::move(found->file));
  co_return std::unique_ptr<embedded_store>(new embedded_store(std::move(made)));
}

runtime::task<store_result<std::unique_ptr<session>>> embedded_store::connect(
    runtime::duration /*timeout*/) {
  co_return std::make_unique<detail::tree_session>(state_->server);
}

runtime::task<> embedded_store::close() {
  return state_->server->close();
}

}  // namespace barnabas::metastore
