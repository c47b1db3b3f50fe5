// The value of a field of type `records`: null, bytes in memory, or bytes that are not in memory at
// all. Reading a message gives null or a view into the received buffer. A fetch response names a
// payload by {size, slot}: the writer emits the length, leaves the bytes out and notes a splice, so
// that whoever sends the message puts slot's file slice there (sendfile). A view lives as long as
// the buffer it was read from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace barnabas::protocol {

class records {
 public:
  // Null.
  records() = default;
  // Bytes that the caller keeps alive; an empty view is an empty payload, not null.
  explicit records(bytes_view bytes)
      : data_(bytes.data()), size_bytes_(bytes.size()), state_(state::in_memory) {}
  static records empty() { return records(bytes_view()); }
  // `size_bytes` bytes that the sender inserts; `slot` is the caller's own number for them.
  static records external(std::size_t size_bytes, std::uint32_t slot) {
    records payload;
    payload.size_bytes_ = size_bytes;
    payload.slot_ = slot;
    payload.state_ = state::external;
    return payload;
  }

  bool is_null() const { return state_ == state::null; }
  bool is_external() const { return state_ == state::external; }
  // Of a null or an external payload: empty.
  bytes_view bytes() const {
    return state_ == state::in_memory ? bytes_view(data_, size_bytes_) : bytes_view();
  }
  // Bytes on the wire after the length; 0 when null.
  std::size_t size_bytes() const { return size_bytes_; }
  std::size_t external_size() const { return is_external() ? size_bytes_ : 0; }
  std::uint32_t slot() const { return slot_; }

 private:
  enum class state : std::uint8_t { null, in_memory, external };
  const std::byte* data_ = nullptr;
  std::size_t size_bytes_ = 0;
  std::uint32_t slot_ = 0;
  state state_ = state::null;
};

}  // namespace barnabas::protocol
