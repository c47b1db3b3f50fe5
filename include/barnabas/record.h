// Records as they are written and read. Bytes are string_views: they are not looked into and may
// hold anything.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace barnabas::kafka {

struct header {
  std::string_view key;
  std::optional<std::string_view> value = std::nullopt;
};

inline constexpr std::int32_t any_partition = -1;
inline constexpr std::int64_t now = -1;

// A record to be written. Its views need to live only for the call that takes it.
struct new_record {
  std::string_view topic;
  std::optional<std::string_view> key = std::nullopt;
  std::optional<std::string_view> value = std::nullopt;
  std::int32_t partition = any_partition;  // or one that the partitioner does not choose
  std::int64_t timestamp_ms = now;         // since 1970 UTC
  std::span<const header> headers = {};
  std::uint64_t tag = 0;  // comes back in its delivery
};

// What became of a record. Views live for the call that gives it.
struct delivery {
  std::string_view topic;
  std::int32_t partition = any_partition;
  std::int64_t offset = -1;  // -1 with acks=0, or when the broker had it already and did not say
  std::int64_t timestamp_ms = now;
  std::int64_t latency_us = 0;  // since it was given to the producer
  std::uint64_t tag = 0;
};

// A record that was read. Its views live as long as the records that it came with.
struct record {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::optional<std::string_view> key = std::nullopt;
  std::optional<std::string_view> value = std::nullopt;
  std::span<const header> headers = {};
};

struct topic_partition {
  std::string topic;
  std::int32_t partition = 0;

  auto operator<=>(const topic_partition&) const = default;
};

}  // namespace barnabas::kafka
