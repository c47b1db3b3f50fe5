// A producer to t in a simulated world, and what became of its records, where a scripted broker
// (scripted_cluster.h) answers.
#pragma once

#include "client/producer_core.h"
#include "scripted_cluster.h"

namespace barnabas::client {

struct fate {
  std::int64_t offset = -1;
  error_code code = error_code::none;
  std::string message;
  runtime::duration latency{};
};

// What became of each record, by its tag.
class listener final : public delivery_listener {
 public:
  void delivered(const delivered_record& record) override {
    EXPECT_FALSE(fates.contains(record.tag)) << "told twice";
    fate& of = fates[record.tag];
    of.offset = record.offset;
    of.latency = record.latency;
    if (record.failure != nullptr) {
      of.code = record.failure->code;
      of.message = record.failure->message;
    }
  }
  bool hears_all() const override { return !only_failures; }

  bool only_failures = false;
  std::map<std::uint64_t, fate> fates;
};

struct plan {
  setting_map settings;
  int records = 1;
  std::size_t value_bytes = 10;
  runtime::duration between{};
  bool only_failures = false;
  bool numbered = false;  // values are the numbers of records
  int large = -1;         // the number of a record with a value of a kilobyte
};

inline std::string value_of(const plan& what, int record) {
  return record == what.large ? std::string(1000, 'v')
         : what.numbered      ? std::to_string(record)
                              : std::string(what.value_bytes, 'v');
}

inline task<result<>> append(accumulator& to, const produced_record& record) {
  for (;;) {
    const auto outcome = to.append(record);
    if (!outcome) {
      co_return fail(outcome.error());
    }
    if (*outcome == append_outcome::done) {
      co_return result<>{};
    }
    co_await runtime::sleep_for(std::chrono::milliseconds(1));
  }
}

inline task<> produce(runtime::world& world, const plan& what, listener& told) {
  auto settings = what.settings;
  settings.emplace("bootstrap.servers", "broker:9092");
  auto configuration = make_producer_configuration(settings);
  EXPECT_TRUE(configuration.has_value()) << configuration.error().message;
  producer_core producer(world, std::move(*configuration));
  producer.start();
  for (int i = 0; i < what.records; ++i) {
    const std::string value = value_of(what, i);
    const auto done = co_await append(producer.records(), {.topic = "t",
                                                           .value = as_bytes(value),
                                                           .tag = static_cast<std::uint64_t>(i),
                                                           .listener = &told});
    if (!done) {
      told.fates[static_cast<std::uint64_t>(i)] = {-1, done.error().code, done.error().message, {}};
    }
    co_await runtime::sleep_for(what.between);
  }
  producer.records().begin_flush();
  for (int i = 0; i < 40'000 && producer.records().outstanding() > 0; ++i) {
    co_await runtime::sleep_for(std::chrono::milliseconds(1));
  }
  co_await producer.stop();
}

inline std::map<std::uint64_t, fate> fates_of(const plan& what, rpc::script answer) {
  listener told;
  told.only_failures = what.only_failures;
  rpc::scripted_world world(cluster_of_one(std::move(answer)));
  world.run([&](runtime::world& w) { return produce(w, what, told); });
  return told.fates;
}

}  // namespace barnabas::client
