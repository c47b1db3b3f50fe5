// Writes the fields of a message into a buffer of exactly the right size (encoded_size less the
// external bytes), which the caller owns; running over it is our own mistake and stops the process.
// A field that the version lacks and that would be lost silently is an error, which sticks: see
// error_text(). The encodings stand in reader.h.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ensure.h"
#include "protocol/records.h"

namespace barnabas::protocol {

// Bytes that the sender inserts after the first `position` bytes of the written buffer.
struct splice {
  std::size_t position = 0;
  std::size_t size_bytes = 0;
  std::uint32_t slot = 0;
};

class writer {
 public:
  explicit writer(mutable_bytes to)
      : begin_(to.data()), at_(to.data()), end_(to.data() + to.size()) {}

  bool ok() const { return error_text_.empty(); }
  const std::string& error_text() const { return error_text_; }
  // Bytes written so far, external ones not counted.
  std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }
  bool is_full() const { return at_ == end_; }
  // In the order of their positions.
  std::span<const splice> splices() const { return splices_; }

  // Room for the next `size_bytes` bytes.
  std::byte* take(std::size_t size_bytes) {
    ensure(size_bytes <= static_cast<std::size_t>(end_ - at_),
           "a message larger than its encoded_size");
    std::byte* start = at_;
    at_ += size_bytes;
    return start;
  }
  void unsigned_varint(std::uint32_t value);

  // Null is written as such only where `nullable`; elsewhere it is an error.
  void string(std::string_view value, bool compact, const char* field);
  void nullable_string(std::optional<std::string_view> value, bool compact, bool nullable,
                       const char* field);
  void bytes(bytes_view value, bool compact);
  void nullable_bytes(std::optional<bytes_view> value, bool compact, bool nullable,
                      const char* field);
  void records_field(const records& value, bool compact, bool nullable, const char* field);
  template <class T>
  void array(const std::vector<T>& value, bool compact, const char* field);
  template <class T>
  void nullable_array(const std::optional<std::vector<T>>& value, bool compact, bool nullable,
                      const char* field);
  void count(std::size_t elements, bool compact);
  // Stands for a null array, string or bytes whose length field takes `length_bytes` when not
  // compact.
  void null(std::size_t length_bytes, bool compact, bool nullable, const char* field);
  void presence(bool is_there);
  void tag(std::uint32_t number, std::size_t size_bytes) {
    unsigned_varint(number);
    unsigned_varint(static_cast<std::uint32_t>(size_bytes));
  }

  // A field with a value in a version that does not have it.
  void unsupported(const char* field, std::int16_t version);

 private:
  void fail(std::string text);

  std::byte* begin_;
  std::byte* at_;
  std::byte* end_;
  boost::container::small_vector<splice, 1> splices_;
  std::string error_text_;
};

}  // namespace barnabas::protocol
