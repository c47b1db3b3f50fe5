#include "frame/human_units.h"

#include <gtest/gtest.h>

#include <ctime>

namespace barnabas::app {
namespace {

TEST(human_units, sizes) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(std::int64_t{5} << 40), "5.0 TiB");
  EXPECT_EQ(parse_bytes("90"), 90);
  EXPECT_EQ(parse_bytes("64k"), 65536);
  EXPECT_EQ(parse_bytes("1.5MiB"), 1572864);
  EXPECT_EQ(parse_bytes("2 GB"), std::int64_t{2} << 30);
  for (const char* wrong : {"", "x", "1x", "1kk", "-1", "99999999p"}) {
    EXPECT_EQ(parse_bytes(wrong), std::nullopt) << wrong;
  }
}

TEST(human_units, counts) {
  EXPECT_EQ(count_text(7), "7");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(-1234567), "-1,234,567");
}

TEST(human_units, durations) {
  EXPECT_EQ(duration_text(350), "350 ms");
  EXPECT_EQ(duration_text(1500), "1.5 s");
  EXPECT_EQ(duration_text(125'000), "2m 5s");
  EXPECT_EQ(duration_text(7'500'000), "2h 5m");
  EXPECT_EQ(duration_text(std::int64_t{86'400'000} * 7), "7d 0h");
  EXPECT_EQ(parse_duration_ms("500ms"), 500);
  EXPECT_EQ(parse_duration_ms("1h30m"), 5'400'000);
  EXPECT_EQ(parse_duration_ms("1.5s"), 1500);
  EXPECT_EQ(parse_duration_ms("7d"), 604'800'000);
  for (const char* wrong : {"", "5", "5x", "m", "-5m", "1h30"}) {
    EXPECT_EQ(parse_duration_ms(wrong), std::nullopt) << wrong;
  }
}

TEST(human_units, times) {
  EXPECT_EQ(time_json(1'700'000'000'123), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(time_json(-1), "1969-12-31T23:59:59.999Z");
  constexpr std::int64_t now = 10'000'000;
  EXPECT_EQ(parse_time_ms("1700000000123", now), 1'700'000'000'123);
  EXPECT_EQ(parse_time_ms("15m", now), now - 900'000);
  EXPECT_EQ(parse_time_ms("2023-11-14T22:13:20Z", now), 1'700'000'000'000);
  EXPECT_EQ(parse_time_ms("2023-11-14T22:13:20.123Z", now), 1'700'000'000'123);
  EXPECT_EQ(parse_time_ms("2023-11-15T00:13+02:00", now), 1'699'999'980'000);
  for (const char* wrong : {"", "soon", "2023-11", "2023-11-14T25", "2023-11-14T22:13:20X",
                            "2023-11-14T22:13:20.12Z"}) {
    EXPECT_EQ(parse_time_ms(wrong, now), std::nullopt) << wrong;
  }
}

TEST(human_units, local_times_are_read_as_they_are_written) {
  const std::string text = time_text(1'700'000'000'123);
  EXPECT_EQ(parse_time_ms(text, 0), 1'700'000'000'123) << text;
}

}  // namespace
}  // namespace barnabas::app
