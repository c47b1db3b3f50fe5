#include "cluster/detail/cluster_nodes.h"

#include <fmt/format.h>

#include <charconv>

#include "runtime/shard.h"
#include "runtime/wait.h"

namespace barnabas::cluster::detail {
namespace {

using metastore::operation;
using metastore::store_error;
using runtime::task;

constexpr std::size_t most_operations_at_once = 2'000;
constexpr std::int64_t producer_ids_a_block = 1'000;
constexpr auto retry_pause = std::chrono::milliseconds(100);

std::unexpected<error> failed(const metastore::failure& failure) {
  return std::unexpected(metastore::to_error(failure));
}

std::int64_t now_ms() {
  return runtime::shard::current().wall_clock_ms();
}

}  // namespace

task<result<>> write_all(metastore::session& session, std::vector<operation> all,
                         controller_term term) {
  for (std::size_t first = 0; first < all.size(); first += most_operations_at_once) {
    const std::size_t count = std::min(most_operations_at_once, all.size() - first);
    std::vector<operation> some;
    some.reserve(count + 1);
    if (term.epoch > 0) {
      some.emplace_back(metastore::check_operation{std::string(znodes::controller_epoch_path),
                                                   term.epoch_node_version});
    }
    std::move(all.begin() + static_cast<std::ptrdiff_t>(first),
              all.begin() + static_cast<std::ptrdiff_t>(first + count), std::back_inserter(some));
    const auto done = co_await session.multi(std::move(some));
    if (!done && done.error().code == store_error::bad_version &&
        done.error().message.starts_with(znodes::controller_epoch_path)) {
      co_return fail(error_code::not_controller, "another controller has been elected");
    }
    if (!done) {
      co_return failed(done.error());
    }
  }
  co_return {};
}

task<result<std::vector<std::optional<metastore::node_value>>>> read_all(
    metastore::session& session, std::vector<std::string> paths) {
  std::vector<std::optional<metastore::node_value>> values(paths.size());
  auto found = co_await session.get_many(std::move(paths));
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]) {
      values[i] = std::move(*found[i]);
    } else if (found[i].error().code != store_error::no_node) {
      co_return failed(found[i].error());
    }
  }
  co_return values;
}

std::unexpected<error> unreadable(std::string_view path, std::string_view data) {
  return fail(error_code::unknown_server_error, fmt::format("{}: cannot be read: {}", path, data));
}

task<result<std::string>> make_fixed_nodes(metastore::session& session, std::string wanted) {
  std::vector<operation> missing;
  const std::vector<std::string>& paths = znodes::fixed_paths();
  const auto found = co_await session.get_many(paths);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!found[i] && found[i].error().code != store_error::no_node) {
      co_return failed(found[i].error());
    }
    if (!found[i]) {
      missing.emplace_back(metastore::create_operation{paths[i], ""});
    }
  }
  const std::string id_path(znodes::cluster_id_path);
  const auto id = co_await session.get(id_path);
  if (!id) {
    missing.emplace_back(metastore::create_operation{id_path, znodes::write_cluster_id(wanted)});
  }
  if (!co_await session.get(std::string(znodes::feature_path))) {
    missing.emplace_back(
        metastore::create_operation{std::string(znodes::feature_path), znodes::write_feature()});
  }
  if (!missing.empty()) {
    if (const auto done = co_await session.multi(std::move(missing)); !done) {
      co_return failed(done.error());
    }
  }
  const auto known = id ? znodes::read_cluster_id(id->data) : std::optional(wanted);
  if (!known) {
    co_return fail(error_code::unknown_server_error,
                   fmt::format("{}: cannot be read: {}", id_path, id->data));
  }
  co_return *known;
}

task<result<std::int64_t>> register_broker(metastore::session& session, broker broker,
                                           runtime::steady_time deadline) {
  const std::string path = znodes::broker_path(broker.id);
  while (true) {
    const auto made = co_await session.create(
        {path, znodes::write_broker(broker, now_ms()), metastore::node_kind::ephemeral});
    if (made) {
      co_return made->stat.created_zxid;
    }
    if (made.error().code != store_error::node_exists) {
      co_return failed(made.error());
    }
    if (runtime::shard::current().now() >= deadline) {
      co_return fail(
          error_code::duplicate_broker_registration,
          fmt::format("another broker with id {} is running in this cluster", broker.id));
    }
    co_await runtime::sleep_for(retry_pause);
  }
}

task<result<controller_term>> elect(metastore::session& session, std::int32_t broker_id,
                                    runtime::steady_time deadline) {
  const std::string epoch_path(znodes::controller_epoch_path);
  while (true) {
    const auto known = co_await session.get(epoch_path);
    if (!known && known.error().code != store_error::no_node) {
      co_return failed(known.error());
    }
    std::int32_t epoch = 0;
    std::vector<operation> all;
    if (!known) {
      all.emplace_back(metastore::create_operation{epoch_path, "0"});
    } else if (std::from_chars(known->data.data(), known->data.data() + known->data.size(), epoch)
                   .ec != std::errc()) {
      co_return fail(error_code::unknown_server_error,
                     fmt::format("{}: not a number: {}", epoch_path, known->data));
    }
    all.emplace_back(
        metastore::set_operation{epoch_path, std::to_string(epoch + 1),
                                 known ? known->stat.version : metastore::any_version});
    all.emplace_back(metastore::create_operation{std::string(znodes::controller_path),
                                                 znodes::write_controller(broker_id, now_ms()),
                                                 metastore::node_kind::ephemeral});
    const auto done = co_await session.multi(std::move(all));
    if (done) {
      co_return controller_term{epoch + 1, (*done)[done->size() - 2].stat.version};
    }
    const auto code = done.error().code;
    if (code != store_error::node_exists && code != store_error::bad_version) {
      co_return failed(done.error());
    }
    if (runtime::shard::current().now() >= deadline) {
      co_return fail(error_code::not_controller,
                     "another broker is the controller of this cluster");
    }
    co_await runtime::sleep_for(retry_pause);
  }
}

task<result<znodes::producer_id_range>> take_producer_ids(metastore::session& session,
                                                          std::int32_t broker_id) {
  const std::string path(znodes::producer_ids_path);
  while (true) {
    const auto now = co_await session.get(path);
    if (!now) {
      co_return failed(now.error());
    }
    const auto last = znodes::read_producer_ids(now->data);
    if (!last || last->last > std::numeric_limits<std::int64_t>::max() - producer_ids_a_block) {
      co_return fail(error_code::unknown_server_error,
                     fmt::format("{}: cannot be read: {}", path, now->data));
    }
    const znodes::producer_id_range next{last->last + 1, last->last + producer_ids_a_block};
    const auto done = co_await session.set(
        {path, znodes::write_producer_ids(broker_id, next), now->stat.version});
    if (done) {
      co_return next;
    }
    if (done.error().code != store_error::bad_version) {
      co_return failed(done.error());
    }
  }
}

}  // namespace barnabas::cluster::detail
