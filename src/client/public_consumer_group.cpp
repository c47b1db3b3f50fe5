// The public consumer in its group: membership, callbacks, commits.
#include "client/public_consumer.h"
#include "client/public_error.h"

namespace barnabas::kafka {
namespace {

runtime::task<> wake_member(client::consumer_core& core) {
  core.member().wake();
  co_return;
}
runtime::task<> begin_commit(client::consumer_core& core, client::committed_places places,
                             std::function<void(result<>)> told) {
  core.commit_soon(std::move(places), [told = std::move(told)](const barnabas::result<>& done) {
    told(client::public_result(done));
  });
  co_return;
}
client::committed_places inner(const partition_offsets& offsets) {
  client::committed_places places;
  for (const auto& [name, offset] : offsets) {
    places[inner(name)] = {offset.offset, offset.leader_epoch, offset.metadata};
  }
  return places;
}

}  // namespace

// A member that left because nobody polled comes back.
void consumer::implementation::begin_poll() {
  const auto now = runtime::now_anywhere();
  if (now - core->queue().begin_poll(now) > most_poll_interval) {
    runtime::start_on(core.home(), [this] { return wake_member(*core); });
  }
}

void consumer::implementation::tell(consumer& self, const client::rebalance_notice& notice) const {
  using enum client::rebalance_notice::kind;
  const auto& listener = notice.what == assigned                  ? options.on_assigned
                         : notice.what == lost && options.on_lost ? options.on_lost
                                                                  : options.on_revoked;
  if (notice.what != trouble && listener) {
    listener(self, outer(notice.partitions));
  }
}

result<> consumer::implementation::hear(consumer& self) {
  while (const auto notice = core->queue().take_notice()) {
    tell(self, *notice);
    core->queue().handled();
    runtime::start_on(core.home(), [this] { return wake_member(*core); });
    if (notice->what == client::rebalance_notice::kind::trouble) {
      return client::public_error(notice->why);
    }
  }
  return {};
}

void consumer::implementation::give_up_all(consumer& self) {
  core->queue().begin_poll(runtime::now_anywhere());
  auto owned = core.on_shard([this] { return core->member().owned(); });
  if (!owned.empty()) {
    tell(self, {client::rebalance_notice::kind::revoked, std::move(owned)});
  }
  reader.reset();
}

awaitable<void> consumer::implementation::commit_async(client::committed_places places) {
  return awaitable<void>([this, places = std::move(places)](std::function<void(result<>)> told) {
    runtime::start_on(core.home(), [this, places, told = std::move(told)] {
      return begin_commit(*core, places, told);
    });
  });
}

result<> consumer::subscribe(const std::vector<std::string>& topics) {
  return client::public_result(it_->core.on_shard([&] { return it_->core->subscribe(topics); }));
}

result<> consumer::unsubscribe() {
  it_->give_up_all(*this);
  const auto deadline = runtime::now_anywhere() + it_->patience;
  return client::public_result(
      runtime::wait_for(it_->core.home(), [&] { return it_->core->unsubscribe(deadline); }));
}

result<> consumer::close(std::chrono::milliseconds timeout) {
  const auto deadline = runtime::now_anywhere() + timeout;
  it_->give_up_all(*this);
  return client::public_result(
      runtime::wait_for(it_->core.home(), [&] { return it_->core->close(deadline); }));
}

result<> consumer::commit() {
  return client::public_result(runtime::wait_for(it_->core.home(), [&] {
    return it_->core->commit(it_->core->fetching().positions(),
                             runtime::now_anywhere() + it_->patience);
  }));
}

result<> consumer::commit(const partition_offsets& offsets) {
  const auto deadline = runtime::now_anywhere() + it_->patience;
  return client::public_result(runtime::wait_for(
      it_->core.home(), [&] { return it_->core->commit(inner(offsets), deadline); }));
}

awaitable<void> consumer::commit_async() {
  return it_->commit_async(it_->core.on_shard([&] { return it_->core->fetching().positions(); }));
}

awaitable<void> consumer::commit_async(const partition_offsets& offsets) {
  return it_->commit_async(inner(offsets));
}

group_metadata consumer::metadata() const {
  return it_->core.on_shard([this] {
    const client::group_session::identity& me = it_->core->identity();
    return group_metadata{me.group, me.generation, me.member_id, me.instance_id};
  });
}

result<partition_offsets> consumer::committed(const std::vector<topic_partition>& partitions,
                                              std::chrono::milliseconds timeout) {
  const auto deadline = runtime::now_anywhere() + timeout;
  const auto found = runtime::wait_for(
      it_->core.home(), [&] { return it_->core->committed(inner(partitions), deadline); });
  if (!found) {
    return client::public_error(found.error());
  }
  partition_offsets offsets;
  for (const auto& [name, place] : *found) {
    offsets[{name.topic, name.partition}] = {place.offset, place.metadata, place.leader_epoch};
  }
  return offsets;
}

}  // namespace barnabas::kafka
