// Reads the fields of a message from a buffer that somebody else keeps alive; strings, bytes and
// records become views into it. The first error sticks: the reader then stands at the end, every
// further read fails, and error_text() names the field and what was wrong. Nothing is allocated by
// an announced length: an array needs at least its elements' smallest encoding in the bytes that
// are left, and all arrays together stay below the memory limit. Not for sharing between shards.
//
//   string  int16 length, bytes             compact: varint length + 1, bytes     null: length -1,
//   compact 0 bytes   int32 length, bytes             compact: varint length + 1, bytes array int32
//   count, elements           compact: varint count + 1, elements tags    varint count, {varint
//   tag, varint size, bytes}...                     (KIP-482)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "protocol/records.h"

namespace barnabas::protocol {

class reader {
 public:
  // Elements of arrays may take 16 times the input and a MiB before reading fails.
  explicit reader(bytes_view from) : reader(from, (std::size_t{1} << 20) + 16 * from.size()) {}
  reader(bytes_view from, std::size_t memory_limit_bytes)
      : begin_(from.data()),
        at_(from.data()),
        end_(from.data() + from.size()),
        memory_left_bytes_(memory_limit_bytes) {}

  bool ok() const { return reason_ == nullptr; }
  // "field topics at byte 17: 70000 elements do not fit into the 12 bytes that are left"; empty
  // when ok.
  std::string error_text() const;
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }

  // The next `size_bytes` bytes, or null and an error in `field`.
  const std::byte* take(std::size_t size_bytes, const char* field) {
    if (size_bytes > remaining()) [[unlikely]] {
      fail(truncated, field, size_bytes);
      return nullptr;
    }
    const std::byte* start = at_;
    at_ += size_bytes;
    return start;
  }
  std::uint32_t unsigned_varint(const char* field);

  void string(std::string_view& to, bool compact, const char* field);
  void nullable_string(std::optional<std::string_view>& to, bool compact, bool nullable,
                       const char* field);
  void bytes(bytes_view& to, bool compact, const char* field);
  void nullable_bytes(std::optional<bytes_view>& to, bool compact, bool nullable,
                      const char* field);
  void records_field(records& to, bool compact, bool nullable, const char* field);
  // Arrays of integers, uuids and strings.
  template <class T>
  void array(std::vector<T>& to, bool compact, const char* field);
  template <class T>
  void nullable_array(std::optional<std::vector<T>>& to, bool compact, bool nullable,
                      const char* field);

  // How many elements follow, -1 for null (an error unless `nullable`). `smallest_bytes` is the
  // least that an element takes on the wire, `memory_bytes` what it takes in memory.
  std::int32_t count(bool compact, bool nullable, std::size_t smallest_bytes,
                     std::size_t memory_bytes, const char* field);
  // Whether a nullable struct is there.
  bool presence(const char* field);

  // A tagged field: its number and where its bytes end.
  struct tag {
    std::uint32_t number = 0;
    const std::byte* end = nullptr;
  };
  tag begin_tag();
  void skip(const tag& it) { at_ = it.end; }
  // The field must have taken exactly the bytes that its size said.
  void end_tag(const tag& it, const char* field);
  void skip_tags();

  static constexpr const char* truncated = "truncated";
  void fail(const char* reason, const char* field, std::size_t detail = 0);

 private:
  std::int64_t length(bool compact, std::size_t length_bytes, const char* field);
  bytes_view blob(std::int64_t length, const char* field);

  const std::byte* begin_;
  const std::byte* at_;
  const std::byte* end_;
  std::size_t memory_left_bytes_;
  const char* reason_ = nullptr;
  const char* field_ = nullptr;
  std::size_t failed_at_ = 0;
  std::size_t detail_ = 0;
};

}  // namespace barnabas::protocol
