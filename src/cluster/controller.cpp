#include "cluster/controller.h"

#include "cluster/detail/controller_state.h"

namespace barnabas::cluster {

controller::controller(runtime::world& world, metastore::store& store, image_board& board,
                       partition_host& host, controller_options options)
    : state_(new state{world, store, board, host, std::move(options)}) {}
controller::~controller() = default;

runtime::task<result<>> controller::load() {
  return state_->load();
}
const image_ptr& controller::newest() const {
  return state_->newest;
}
runtime::task<result<>> controller::adopt_topics(std::vector<found_topic> topics) {
  return state_->adopt(std::move(topics));
}
runtime::task<result<>> controller::start() {
  return state_->start();
}

runtime::task<> controller::stop() {
  state_->is_stopping = true;
  co_await state_->changes.close();
  if (state_->session) {
    co_await state_->session->close();  // which ends the task that follows it
  }
  state_->watchers.stop();
  co_await state_->watchers.join();
  state_->session.reset();
}

namespace {

// One refusal for each of `count`.
template <class T>
std::vector<result<T>> late(std::size_t count, bool is_stopping) {
  std::vector<result<T>> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(is_stopping ? fail(error_code::not_controller, "the broker is stopping")
                              : fail(error_code::request_timed_out,
                                     "the change goes on, but took longer than allowed"));
  }
  return all;
}

template <class T>
runtime::task<std::vector<result<T>>> answers(
    runtime::task<std::optional<std::vector<result<T>>>> running, std::size_t count,
    const bool& is_stopping) {
  auto done = co_await std::move(running);
  co_return done ? std::move(*done) : late<T>(count, is_stopping);
}

}  // namespace

runtime::task<std::vector<result<created_topic>>> controller::create_topics(
    std::vector<new_topic> topics, bool validate_only, runtime::steady_time deadline,
    mutation_gate gate) {
  const std::size_t count = topics.size();
  return answers<created_topic>(
      state_->changes.run(state_->create_topics(std::move(topics), validate_only, std::move(gate)),
                          deadline),
      count, state_->is_stopping);
}

runtime::task<std::vector<result<topic_ptr>>> controller::delete_topics(
    std::vector<topic_to_delete> topics, runtime::steady_time deadline, mutation_gate gate) {
  const std::size_t count = topics.size();
  return answers<topic_ptr>(
      state_->changes.run(state_->delete_topics(std::move(topics), std::move(gate)), deadline),
      count, state_->is_stopping);
}

runtime::task<std::vector<result<>>> controller::create_partitions(
    std::vector<more_partitions> changes, bool validate_only, runtime::steady_time deadline,
    mutation_gate gate) {
  const std::size_t count = changes.size();
  return answers<void>(
      state_->changes.run(
          state_->create_partitions(std::move(changes), validate_only, std::move(gate)), deadline),
      count, state_->is_stopping);
}

runtime::task<std::vector<result<>>> controller::alter_configs(std::vector<config_change> changes,
                                                               bool validate_only) {
  const std::size_t count = changes.size();
  return answers<void>(state_->changes.run(state_->alter_configs(std::move(changes), validate_only),
                                           runtime::no_deadline),
                       count, state_->is_stopping);
}

runtime::task<std::vector<result<>>> controller::alter_quotas(std::vector<quota_change> changes,
                                                              bool validate_only) {
  const std::size_t count = changes.size();
  return answers<void>(state_->changes.run(state_->alter_quotas(std::move(changes), validate_only),
                                           runtime::no_deadline),
                       count, state_->is_stopping);
}

runtime::task<std::vector<result<>>> controller::alter_credentials(
    std::vector<credential_change> changes) {
  const std::size_t count = changes.size();
  return answers<void>(
      state_->changes.run(state_->alter_credentials(std::move(changes)), runtime::no_deadline),
      count, state_->is_stopping);
}

runtime::task<result<named_overrides>> controller::read_users() {
  auto users = co_await state_->changes.run(state_->read_users(), runtime::no_deadline);
  if (!users) {
    co_return fail(error_code::not_controller, "the broker is stopping");
  }
  co_return std::move(*users);
}

runtime::task<std::vector<result<>>> controller::elect_leaders(
    std::vector<topic_partition> partitions, bool is_unclean, runtime::steady_time deadline) {
  const std::size_t count = partitions.size();
  return answers<void>(
      state_->changes.run(state_->elect_on_demand(std::move(partitions), is_unclean), deadline),
      count, state_->is_stopping);
}

runtime::task<result<producer_id_block>> controller::allocate_producer_ids() {
  const auto block =
      co_await state_->changes.run(state_->take_producer_ids(), runtime::no_deadline);
  if (!block) {
    co_return fail(error_code::not_controller, "the broker is stopping");
  }
  co_return *block;
}

}  // namespace barnabas::cluster
