// Beginning again from the bootstrap servers when all known brokers are gone (KIP-899), silent, or
// say so (KIP-1102).
#include "scripted_consumer.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;
using protocol::api_key;

// "broker" is a bootstrap server that leads nothing and keeps no connection open. The cluster is
// the machine "one", and later the machine "three".
struct bootstrap : testing::Test {
  protocol::metadata_response described() const {
    auto answer = one_partition("t");
    answer.brokers[0].host = has_moved ? "three" : "one";
    answer.brokers[0].node_id = has_moved ? 3 : 1;
    answer.topics[0].partitions[0].leader_id = has_moved ? 3 : 1;
    answer.topics[0].partitions[0].leader_epoch = has_moved ? 4 : 3;
    return answer;
  }
  rpc::script well() {
    return cluster_as([this] { return described(); },
                      [this](const asked& question) {
                        moved_at = has_moved && !moved_at ? now() : moved_at;
                        next += 2;
                        return fetched(question, error_code::none, next - 2);
                      });
  }
  static runtime::steady_time now() { return runtime::shard::current().now(); }

  // `lost` is how "one" answers after four records.
  consumed read(rpc::script lost, setting_map settings) {
    settings.emplace("auto.offset.reset", "earliest");
    settings.emplace("socket.connection.setup.timeout.ms", "1000");
    const rpc::script good = well();
    const rpc::script one = [this, good, lost](const asked& question) {
      if (next < 4) {
        return good(question);
      }
      has_moved = true;
      lost_at = lost_at.value_or(now());
      return lost(question);
    };
    rpc::scripted_world world([this, good](const asked& question) {
      auto answer = good(question);
      answer.closes = question.key == api_key::metadata;
      asked_bootstrap += answer.closes ? 1 : 0;
      return answer;
    });
    int accepted = 0;
    world.sim().add_machine("one", 1).start(
        [&](runtime::world& w) { return rpc::serve(w, one, accepted); });
    world.sim().add_machine("three", 1).start([&](runtime::world& w) {
      return rpc::serve(w, good, accepted);
    });
    consumed got;
    world.run([&](runtime::world& w) { return consume(w, settings, 20, got); });
    EXPECT_TRUE(got.errors.empty()) << got.errors[0].message;
    return got;
  }

  bool has_moved = false;
  std::int64_t next = 0;
  int asked_bootstrap = 0;
  std::optional<runtime::steady_time> lost_at;
  std::optional<runtime::steady_time> moved_at;
};

reply hangs_up(const asked&) {
  return {{}, true};
}
// As a process that was stopped (SIGSTOP): the kernel still accepts.
reply is_silent(const asked& question) {
  return question.key == api_key::api_versions ? reply{rpc::all_versions(question)} : reply{};
}

TEST_F(bootstrap, is_asked_again_when_no_known_broker_can_be_reached) {
  EXPECT_EQ(read(hangs_up, {}).offsets.size(), 20U);
  EXPECT_GE(asked_bootstrap, 2);
}

TEST_F(bootstrap, is_not_asked_again_without_the_strategy) {
  EXPECT_EQ(read(hangs_up, {{"metadata.recovery.strategy", "none"}}).offsets.size(), 4U);
  EXPECT_EQ(asked_bootstrap, 1);
}

TEST_F(bootstrap, is_asked_again_when_known_brokers_are_silent_for_the_trigger) {
  const auto got = read(is_silent, {{"metadata.recovery.rebootstrap.trigger.ms", "2000"},
                                    {"metadata.max.age.ms", "100"}});
  EXPECT_EQ(got.offsets.size(), 20U);
  ASSERT_TRUE(moved_at.has_value());
  EXPECT_GE(*moved_at - *lost_at, 1900ms);
  EXPECT_LE(*moved_at - *lost_at, 2400ms)
      << "the first question of a silence may come 100 ms later";
}

TEST_F(bootstrap, is_asked_again_when_a_broker_says_so) {
  const auto got = read(
      [](const asked& question) {
        if (question.key != api_key::metadata) {
          return question.key == api_key::fetch
                     ? fetched(question, error_code::not_leader_or_follower, 4)
                     : is_silent(question);
        }
        EXPECT_EQ(question.version, 13);
        protocol::metadata_response answer;
        answer.error_code = error_code::rebootstrap_required;
        return reply{rpc::answer_frame(question, answer)};
      },
      {{"metadata.max.age.ms", "100"}});
  EXPECT_EQ(got.offsets.size(), 20U);
  ASSERT_TRUE(moved_at.has_value());
  EXPECT_LE(*moved_at - *lost_at, 1s);
}

}  // namespace
}  // namespace barnabas::client
