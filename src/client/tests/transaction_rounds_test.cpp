#include "client/transaction_rounds.h"

#include <fmt/format.h>

#include "client/producer_core.h"
#include "protocol/messages/add_offsets_to_txn_request.h"
#include "protocol/messages/add_offsets_to_txn_response.h"
#include "protocol/messages/add_partitions_to_txn_request.h"
#include "protocol/messages/add_partitions_to_txn_response.h"
#include "protocol/messages/end_txn_request.h"
#include "protocol/messages/end_txn_response.h"
#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/txn_offset_commit_request.h"
#include "protocol/messages/txn_offset_commit_response.h"
#include "scripted_cluster.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;
using protocol::api_key;

// A broker that coordinates transactions, answers each key with the errors that a test names, one
// each time, and then well; and notes what it was asked, in words.
struct scripted_coordinator {
  bool has_version_2 = false;
  std::map<api_key, std::vector<error_code>> errors;
  std::vector<std::string> said;
  std::int16_t epoch = -1;

  error_code next_error(api_key key) { return take_next(errors[key]); }
  void note(std::string what, error_code code) {
    said.push_back(code == error_code::none ? what : fmt::format("{} {}", what, error_name(code)));
  }
  std::size_t times(std::string_view what) const {
    return static_cast<std::size_t>(std::ranges::count(said, what));
  }
  reply answer(const asked& question);
  reply find(const asked& question);
  reply init(const asked& question);
  reply add_partitions(const asked& question);
  reply commit_offsets(const asked& question);
  reply end(const asked& question);
  reply produce(const asked& question);
};

reply scripted_coordinator::find(const asked& question) {
  const auto request = rpc::request_in<protocol::find_coordinator_request>(question);
  protocol::find_coordinator_response it;
  it.error_code = next_error(question.key);
  it.error_message = "these words";
  it.node_id = 1;
  note(fmt::format("find {} {}", request.key_type == 1 ? "transactional" : "group", request.key),
       it.error_code);
  return {rpc::answer_frame(question, it)};
}

reply scripted_coordinator::init(const asked& question) {
  const auto request = rpc::request_in<protocol::init_producer_id_request>(question);
  protocol::init_producer_id_response it;
  it.error_code = next_error(question.key);
  it.producer_id = 77;
  it.producer_epoch = it.error_code == error_code::none ? ++epoch : epoch;
  note(fmt::format("init {} {}", request.producer_id, request.producer_epoch), it.error_code);
  return {rpc::answer_frame(question, it)};
}

reply scripted_coordinator::add_partitions(const asked& question) {
  const auto request = rpc::request_in<protocol::add_partitions_to_txn_request>(question);
  protocol::add_partitions_to_txn_response it;
  const error_code code = next_error(question.key);
  EXPECT_EQ(request.v3_and_below_topics.at(0).name, "t");
  it.results_by_topic_v3_and_below = {
      {.name = "t",
       .results_by_partition = {{.partition_index = 0, .partition_error_code = code}}}};
  note("add", code);
  return {rpc::answer_frame(question, it)};
}

reply scripted_coordinator::commit_offsets(const asked& question) {
  const auto request = rpc::request_in<protocol::txn_offset_commit_request>(question);
  protocol::txn_offset_commit_response it;
  const error_code code = next_error(question.key);
  it.topics = {{.name = "in", .partitions = {{.partition_index = 4, .error_code = code}}}};
  const auto& place = request.topics.at(0).partitions.at(0);
  note(
      fmt::format("offsets v{} {} {} {} {} {}={}", question.version, request.group_id,
                  request.generation_id, request.member_id, request.group_instance_id.value_or("-"),
                  place.partition_index, place.committed_offset),
      code);
  return {rpc::answer_frame(question, it)};
}

reply scripted_coordinator::end(const asked& question) {
  const auto request = rpc::request_in<protocol::end_txn_request>(question);
  protocol::end_txn_response it;
  it.error_code = next_error(question.key);
  if (has_version_2 && it.error_code == error_code::none) {
    it.producer_id = 77;
    it.producer_epoch = ++epoch;
  }
  note(fmt::format("{} v{} {}", request.committed ? "commit" : "abort", question.version,
                   request.producer_epoch),
       it.error_code);
  return {rpc::answer_frame(question, it)};
}

reply scripted_coordinator::produce(const asked& question) {
  const auto request = rpc::request_in<protocol::produce_request>(question);
  const auto batch = batch_in(question);
  EXPECT_TRUE(batch.is_transactional());
  EXPECT_EQ(request.transactional_id, "mine");
  const error_code code = next_error(question.key);
  note(fmt::format("produce v{} {}/{}", question.version, batch.producer_epoch(),
                   batch.base_sequence()),
       code);
  return produced(question, code, 5, code == error_code::none ? "" : "these words");
}

reply scripted_coordinator::answer(const asked& question) {
  switch (question.key) {
    case api_key::api_versions:
      return {rpc::all_versions(question, has_version_2 ? 2 : 1)};
    case api_key::metadata:
      return {rpc::answer_frame(question, one_partition("t"))};
    case api_key::find_coordinator:
      return find(question);
    case api_key::init_producer_id:
      return init(question);
    case api_key::add_partitions_to_txn:
      return add_partitions(question);
    case api_key::add_offsets_to_txn: {
      const auto request = rpc::request_in<protocol::add_offsets_to_txn_request>(question);
      protocol::add_offsets_to_txn_response it;
      it.error_code = next_error(question.key);
      note("add group " + std::string(request.group_id), it.error_code);
      return {rpc::answer_frame(question, it)};
    }
    case api_key::txn_offset_commit:
      return commit_offsets(question);
    case api_key::end_txn:
      return end(question);
    case api_key::produce:
      return produce(question);
    default:
      return {};
  }
}

class failures final : public delivery_listener {
 public:
  void delivered(const delivered_record& record) override {
    ++(record.failure == nullptr ? delivered_ : failed_);
  }
  int delivered_ = 0;
  int failed_ = 0;
};

// A producer in the world of a test, each call with ten seconds of time.
class teller {
 public:
  explicit teller(producer_core& core) : core_(core) {}

  task<result<>> init() {
    return core_.transact([](transaction_rounds& of) { return of.init(latest()); });
  }
  result<> begin() { return core_.begin_transaction(); }
  task<result<>> end(bool commits) {
    return core_.transact([=](transaction_rounds& of) { return of.end(commits, latest()); });
  }
  task<result<>> send_offsets() {
    return core_.transact([](transaction_rounds& of) {
      return of.send_offsets({{{"in", 4}, {.offset = 12}}},
                             {.group = "g", .member_id = "m", .generation = 3}, latest());
    });
  }
  task<result<append_outcome>> produce() {
    for (;;) {
      auto outcome =
          core_.records().append({.topic = "t", .value = as_bytes("value"), .listener = &heard});
      if (!outcome || *outcome == append_outcome::done) {
        co_return outcome;
      }
      co_await runtime::sleep_for(1ms);
    }
  }
  append_refusal refusal() const { return core_.records().refusal().value_or(append_refusal{}); }

  failures heard;

 private:
  static runtime::steady_time latest() { return runtime::shard::current().now() + 10s; }
  producer_core& core_;
};

using story = task<> (*)(teller&);

task<> live(runtime::world& world, setting_map settings, story tell) {
  settings.emplace("bootstrap.servers", "broker:9092");
  settings.emplace("transactional.id", "mine");
  auto configuration = make_producer_configuration(settings);
  EXPECT_TRUE(configuration.has_value()) << configuration.error().message;
  producer_core producer(world, std::move(*configuration));
  producer.start();
  teller with(producer);
  co_await tell(with);
  co_await producer.stop();
}

void lived(scripted_coordinator& coordinator, story tell, const setting_map& settings = {}) {
  rpc::scripted_world world([&](const asked& question) { return coordinator.answer(question); });
  world.run([&](runtime::world& w) { return live(w, settings, tell); });
}

void expect(const result<>& done) {
  EXPECT_TRUE(done) << done.error().message;
}

task<> two_transactions(teller& it) {
  expect(co_await it.init());
  for (int i = 0; i < 2; ++i) {
    expect(it.begin());
    EXPECT_TRUE(co_await it.produce());
    expect(co_await it.send_offsets());
    expect(co_await it.end(true));
  }
  EXPECT_EQ(it.heard.delivered_, 2);
  EXPECT_EQ((co_await it.produce()).error().code, error_code::invalid_txn_state);
}

TEST(transaction_rounds, version_1_adds_partitions_and_groups_and_keeps_its_epoch) {
  scripted_coordinator coordinator;
  lived(coordinator, two_transactions);
  const auto first = std::ranges::find(coordinator.said, "commit v4 0");
  EXPECT_EQ(coordinator.said.front(), "find transactional mine");
  EXPECT_EQ(coordinator.times("find group g"), 1U);
  EXPECT_EQ(coordinator.times("add"), 2U);
  EXPECT_EQ(coordinator.times("add group g"), 2U);
  EXPECT_EQ(coordinator.times("offsets v4 g 3 m - 4=12"), 2U);
  EXPECT_EQ(coordinator.times("commit v4 0"), 2U);
  EXPECT_EQ(std::count(coordinator.said.begin(), first, "produce v11 0/0"), 1);
  EXPECT_EQ(coordinator.times("produce v11 0/1"), 1U) << "the sequence goes on";
}

TEST(transaction_rounds, version_2_adds_nothing_and_has_an_epoch_for_each_transaction) {
  scripted_coordinator coordinator{.has_version_2 = true};
  lived(coordinator, two_transactions);
  for (const std::string_view what :
       {"produce v12 0/0", "commit v5 0", "produce v12 1/0", "commit v5 1"}) {
    EXPECT_EQ(coordinator.times(what), 1U) << what;
  }
  EXPECT_EQ(coordinator.times("offsets v5 g 3 m - 4=12"), 2U);
  EXPECT_EQ(coordinator.times("add") + coordinator.times("add group g"), 0U);
}

task<> nothing_in_it(teller& it) {
  expect(co_await it.init());
  expect(it.begin());
  expect(co_await it.end(true));
  expect(it.begin());
  expect(co_await it.end(false));
}

TEST(transaction_rounds, asks_nobody_to_end_a_transaction_with_nothing_in_it) {
  scripted_coordinator coordinator;
  lived(coordinator, nothing_in_it);
  EXPECT_EQ(coordinator.said, (std::vector<std::string>{"find transactional mine", "init -1 -1"}));
}

// Each call gets each code that is to be asked again for, and the transaction is committed.
TEST(transaction_rounds, asks_again_and_looks_for_the_coordinator_again) {
  for (const bool has_version_2 : {false, true}) {
    for (const api_key key :
         {api_key::find_coordinator, api_key::init_producer_id, api_key::add_partitions_to_txn,
          api_key::add_offsets_to_txn, api_key::txn_offset_commit, api_key::end_txn}) {
      scripted_coordinator coordinator{.has_version_2 = has_version_2};
      coordinator.errors[key] = {error_code::coordinator_load_in_progress,
                                 error_code::concurrent_transactions, error_code::not_coordinator,
                                 error_code::coordinator_not_available};
      lived(coordinator, two_transactions);
      EXPECT_EQ(coordinator.times(has_version_2 ? "commit v5 1" : "commit v4 0"),
                has_version_2 ? 1U : 2U)
          << static_cast<int>(key);
    }
  }
}

task<> refused_init(teller& it) {
  const auto done = co_await it.init();
  EXPECT_EQ(done.error().message,
            "the coordinator of transactional.id mine: INVALID_REQUEST: these words");
  EXPECT_TRUE(it.refusal().is_fatal);
  EXPECT_FALSE(co_await it.init()) << "it is lost";
}

TEST(transaction_rounds, a_broker_without_transactions_says_so_at_once) {
  scripted_coordinator coordinator;
  coordinator.errors[api_key::find_coordinator] = {error_code::invalid_request};
  lived(coordinator, refused_init);
  EXPECT_EQ(coordinator.said.size(), 1U);
}

task<> failed_records(teller& it) {
  expect(co_await it.init());
  expect(it.begin());
  EXPECT_TRUE(co_await it.produce());
  const auto done = co_await it.end(true);
  EXPECT_FALSE(done);
  EXPECT_NE(done.error().message.find("these words"), std::string::npos) << done.error().message;
  EXPECT_TRUE(it.refusal().requires_abort);
  EXPECT_FALSE(co_await it.end(true)) << "it can only be aborted";
  EXPECT_FALSE(co_await it.produce());
  expect(co_await it.end(false));
  expect(it.begin());
  EXPECT_TRUE(co_await it.produce());
  expect(co_await it.end(true));
  EXPECT_EQ(it.heard.failed_, 1);
  EXPECT_EQ(it.heard.delivered_, 1);
}

TEST(transaction_rounds, records_that_fail_end_in_an_abort_and_the_next_has_a_new_epoch) {
  for (const error_code code :
       {error_code::message_too_large, error_code::invalid_producer_epoch,
        error_code::out_of_order_sequence_number, error_code::transaction_abortable,
        error_code::invalid_txn_state, error_code::unknown_producer_id}) {
    scripted_coordinator one;
    one.errors[api_key::produce] = {code};
    lived(one, failed_records);
    EXPECT_EQ(one.times("abort v4 0"), 1U) << error_name(code);
    EXPECT_EQ(one.times("init 77 0"), 1U) << error_name(code);
    EXPECT_EQ(one.times("produce v11 1/0"), 1U) << error_name(code);
    EXPECT_EQ(one.said.back(), "commit v4 1") << error_name(code);
    scripted_coordinator two{.has_version_2 = true};
    two.errors[api_key::produce] = {code};
    lived(two, failed_records);
    EXPECT_EQ(two.times("abort v5 0"), 1U) << error_name(code);
    EXPECT_EQ(two.said.back(), "commit v5 1") << error_name(code);
  }
}

task<> fenced(teller& it) {
  expect(co_await it.init());
  expect(it.begin());
  EXPECT_TRUE(co_await it.produce());
  const auto done = co_await it.end(true);
  EXPECT_EQ(done.error().code, error_code::producer_fenced) << done.error().message;
  EXPECT_TRUE(it.refusal().is_fatal);
  EXPECT_EQ((co_await it.end(false)).error().code, error_code::producer_fenced);
  EXPECT_EQ(it.begin().error().code, error_code::producer_fenced);
  EXPECT_EQ((co_await it.produce()).error().code, error_code::producer_fenced);
}

TEST(transaction_rounds, a_fenced_producer_is_lost_whoever_says_so) {
  for (const api_key key : {api_key::produce, api_key::add_partitions_to_txn, api_key::end_txn}) {
    scripted_coordinator coordinator;
    coordinator.errors[key] = {error_code::producer_fenced};
    lived(coordinator, fenced);
  }
}

task<> left_the_group(teller& it) {
  expect(co_await it.init());
  expect(it.begin());
  EXPECT_TRUE(co_await it.produce());
  EXPECT_EQ((co_await it.send_offsets()).error().code, error_code::illegal_generation);
  EXPECT_TRUE(it.refusal().requires_abort);
  expect(co_await it.end(false));
  expect(it.begin());
}

TEST(transaction_rounds, offsets_of_a_member_that_is_none_any_more_cannot_be_committed) {
  scripted_coordinator coordinator;
  coordinator.errors[api_key::txn_offset_commit] = {error_code::illegal_generation};
  lived(coordinator, left_the_group);
}

task<> forgotten(teller& it) {
  expect(co_await it.init());
  expect(it.begin());
  EXPECT_TRUE(co_await it.produce());
  EXPECT_EQ((co_await it.end(true)).error().code, error_code::invalid_producer_id_mapping);
  expect(co_await it.end(false));
  expect(it.begin());
}

TEST(transaction_rounds, a_coordinator_that_forgot_the_producer_is_asked_for_its_id_again) {
  for (const bool has_version_2 : {false, true}) {
    scripted_coordinator coordinator{.has_version_2 = has_version_2};
    coordinator.errors[api_key::end_txn] = {error_code::invalid_producer_id_mapping};
    lived(coordinator, forgotten);
    EXPECT_EQ(coordinator.said.back(), "init 77 0");
  }
}

// The transaction must be aborted, and until the deadline nobody answers.
task<> silent_end(teller& it) {
  expect(co_await it.init());
  expect(it.begin());
  EXPECT_TRUE(co_await it.produce());
  const auto began = runtime::shard::current().now();
  const auto done = co_await it.end(true);
  EXPECT_EQ(done.error().code, error_code::request_timed_out) << done.error().message;
  const auto took = runtime::shard::current().now() - began;
  EXPECT_GT(took, 9s);
  EXPECT_LT(took, 11s);
  EXPECT_FALSE(co_await it.end(false)) << "it may be committed already";
  expect(co_await it.end(true));
  expect(it.begin());
}

TEST(transaction_rounds, a_commit_that_was_too_late_can_be_made_again) {
  scripted_coordinator coordinator;
  coordinator.errors[api_key::end_txn] =
      std::vector<error_code>(18, error_code::concurrent_transactions);
  lived(coordinator, silent_end);
}

task<> aborted(teller& it) {
  expect(co_await it.init());
  expect(it.begin());
  EXPECT_TRUE(co_await it.produce());
  expect(co_await it.end(false));
  EXPECT_EQ(it.heard.failed_, 1) << "it lingered, and was dropped";
  expect(it.begin());
  EXPECT_TRUE(co_await it.produce());
  expect(co_await it.end(true));
}

TEST(transaction_rounds, an_abort_drops_what_was_not_sent) {
  scripted_coordinator coordinator;
  lived(coordinator, aborted, {{"linger.ms", "5000"}});
  EXPECT_EQ(coordinator.times("produce v11 0/0"), 1U);
  EXPECT_EQ(coordinator.times("init 77 0"), 0U) << "it had no number yet";
}

}  // namespace
}  // namespace barnabas::client
