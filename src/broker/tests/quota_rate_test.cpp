// The arithmetic of quotas, with the numbers of Apache Kafka's own tests, and which quota holds.
#include "broker/quota/rate.h"

#include <gtest/gtest.h>

#include "broker/quota/lookup.h"

namespace barnabas::broker {
namespace {

using namespace std::chrono_literals;
using cluster::client_quotas;
using cluster::quota_kind;
using cluster::quota_values;

const quota_window eleven_seconds{11, 1s};

runtime::steady_time at(runtime::duration since_start) {
  return runtime::steady_time(1'000h + since_start);
}

// KIP-13: 10 seconds of 400 bytes, and half a second later 2,300 more, are 600 bytes a second.
TEST(quota_rate, delays_as_kafka_does) {
  quota_rate rate(eleven_seconds);
  for (int second = 0; second < 10; ++second) {
    rate.record(400, at(second * 1s));
    EXPECT_EQ(rate.delay(500, at(second * 1s)), 0ms) << second;
  }
  rate.record(2'000, at(10s));
  EXPECT_EQ(rate.delay(500, at(10s)), 2'000ms) << "6,000 bytes in 10 s";
  rate.record(300, at(10'500ms));
  EXPECT_DOUBLE_EQ(rate.per_second(at(10'500ms)), 600);
  EXPECT_EQ(rate.delay(500, at(10'500ms)), 2'100ms);
}

// KIP-124: 10 seconds of 4 ms of work, and then 67.1 ms, with a limit of 1 percent.
TEST(quota_rate, counts_fractions) {
  quota_rate rate(eleven_seconds);
  for (int second = 0; second < 10; ++second) {
    rate.record(0.4, at(second * 1s));
  }
  rate.record(6.71, at(10'500ms));
  EXPECT_EQ(rate.delay(1, at(10'500ms)), 210ms);
}

TEST(quota_rate, a_client_that_begins_may_use_all_samples_but_one) {
  quota_rate rate(eleven_seconds);
  EXPECT_EQ(rate.delay(100, at(0s), 1'000), 0ms);
  EXPECT_EQ(rate.delay(100, at(0s), 1'100), 1'000ms);
  rate.record(1'000, at(0s));
  EXPECT_EQ(rate.delay(100, at(0s)), 0ms);
  EXPECT_EQ(rate.delay(100, at(0s), 50), 500ms);
}

TEST(quota_rate, old_samples_are_forgotten) {
  quota_rate rate(eleven_seconds);
  rate.record(5'000, at(0s));
  EXPECT_GT(rate.delay(100, at(10'999ms)), 0ms);
  EXPECT_FALSE(rate.is_idle(at(10'999ms)));
  EXPECT_TRUE(rate.is_idle(at(11s)));
  EXPECT_EQ(rate.total(at(11s)), 0);
  EXPECT_EQ(rate.delay(100, at(11s), 1'000), 0ms);
}

// Whoever waits as he is told stays at the limit, while his pieces are smaller than the window.
TEST(quota_rate, whoever_waits_is_held_at_the_limit) {
  for (const double piece : {10.0, 400.0, 2'500.0}) {
    quota_rate rate(eleven_seconds);
    runtime::duration now{};
    double sent = 0;
    double sent_before = 0;
    while (now < 120s) {
      rate.record(piece, at(now));
      sent += piece;
      sent_before += now < 20s ? piece : 0;
      now += std::max<runtime::duration>(rate.delay(1'000, at(now)), 1ms);
    }
    EXPECT_NEAR((sent - sent_before) / 100, 1'000, 100) << piece;
  }
}

TEST(quota_rate, extreme_limits_give_bounded_delays) {
  quota_rate rate({1, 1s});
  EXPECT_EQ(rate.delay(0, at(0s)), 0ms) << "nothing was used";
  rate.record(1e18, at(0s));
  EXPECT_EQ(rate.delay(1e-9, at(0s)).count(), 2'147'483'647);
  EXPECT_EQ(rate.delay(0, at(0s)).count(), 2'147'483'647);
}

TEST(token_bucket, is_full_at_first_and_may_be_overdrawn_once) {
  token_bucket bucket({11, 1s}, 2, at(0s));
  bucket.take(20);
  EXPECT_EQ(bucket.delay(), 0ms);
  bucket.take(12);
  EXPECT_EQ(bucket.delay(), 5'000ms) << "10 tokens too many, 2 a second";
  bucket.refill(2, at(3s));
  EXPECT_EQ(bucket.delay(), 2'000ms);
  EXPECT_FALSE(bucket.is_full(at(3s)));
  bucket.refill(4, at(5s));
  EXPECT_EQ(bucket.delay(), 0ms);
  EXPECT_TRUE(bucket.is_full(at(16s)));
  bucket.refill(4, at(1'000s));
  bucket.take(45);
  EXPECT_EQ(bucket.delay(), 250ms) << "it holds no more than 11 seconds' worth";
}

// Each level has its own limit, so that the limit tells which one was found.
TEST(quota_lookup, takes_the_most_specific_of_eight_levels) {
  client_quotas quotas;
  const auto add = [&](cluster::quota_entity entity, double limit) {
    quota_values values;
    values[0] = limit;
    quotas[std::move(entity)] = values;
  };
  const auto limit = [&](std::string_view user, std::string_view client) {
    const auto found = find_quota(quotas, quota_kind::producer_byte_rate, user, client);
    return found ? found->limit : 0;
  };
  EXPECT_EQ(limit("ann", "app"), 0);
  add({.client_id = ""}, 8);
  EXPECT_EQ(limit("ann", "app"), 8);
  add({.client_id = "app"}, 7);
  EXPECT_EQ(limit("ann", "app"), 7);
  EXPECT_EQ(limit("ann", "other"), 8);
  add({.user = ""}, 6);
  EXPECT_EQ(limit("ann", "app"), 6);
  add({.user = "", .client_id = ""}, 5);
  EXPECT_EQ(limit("ann", "app"), 5);
  add({.user = "", .client_id = "app"}, 4);
  EXPECT_EQ(limit("ann", "app"), 4);
  EXPECT_EQ(limit("ann", "other"), 5);
  add({.user = "ann"}, 3);
  EXPECT_EQ(limit("ann", "app"), 3);
  EXPECT_EQ(limit("bob", "app"), 4);
  add({.user = "ann", .client_id = ""}, 2);
  EXPECT_EQ(limit("ann", "app"), 2);
  add({.user = "ann", .client_id = "app"}, 1);
  EXPECT_EQ(limit("ann", "app"), 1);
  EXPECT_EQ(limit("ann", "other"), 2);
  EXPECT_EQ(limit("ann", ""), 2) << "without a client id the default holds";
  EXPECT_FALSE(find_quota(quotas, quota_kind::consumer_byte_rate, "ann", "app"));
}

TEST(quota_lookup, a_level_says_with_whom_a_quota_is_shared) {
  const auto key = [](cluster::quota_entity entity, std::string_view user,
                      std::string_view client) {
    quota_values values;
    values[1] = 5;
    return find_quota({{std::move(entity), values}}, quota_kind::consumer_byte_rate, user, client)
        ->key;
  };
  EXPECT_EQ(key({.user = ""}, "ann", "a"), key({.user = "ann"}, "ann", "b"));
  EXPECT_NE(key({.user = ""}, "ann", "a"), key({.user = ""}, "bob", "a"));
  EXPECT_EQ(key({.client_id = ""}, "ann", "a"), key({.client_id = "a"}, "bob", "a"));
  EXPECT_NE(key({.client_id = ""}, "ann", "a"), key({.client_id = ""}, "ann", "b"));
  EXPECT_NE(key({.user = "", .client_id = ""}, "ann", "a"), key({.user = ""}, "ann", "a"));
  EXPECT_NE(key({.client_id = "a"}, "a", "a"), key({.user = "a"}, "a", "a"));
}

TEST(quota_lookup, the_user_is_the_principals_name) {
  EXPECT_EQ(user_of("User:ANONYMOUS"), "ANONYMOUS");
  EXPECT_EQ(user_of("User:CN=a:b"), "CN=a:b");
}

}  // namespace
}  // namespace barnabas::broker
