// Bytes: a view, and a ref-counted immutable slice. A shared_bytes may be handed to another shard;
// its count is atomic and its content never changes once it is shared.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace barnabas {

using bytes_view = std::span<const std::byte>;
using mutable_bytes = std::span<std::byte>;

inline bytes_view as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(bytes_view bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A slice of a buffer that lives as long as any slice of it.
class shared_bytes {
 public:
  shared_bytes() = default;
  shared_bytes(std::shared_ptr<const std::byte[]> owner, bytes_view view)
      : owner_(std::move(owner)), view_(view) {}

  // A copy of `bytes` in a buffer of its own.
  static shared_bytes copy_of(bytes_view bytes) {
    auto buffer = std::make_shared_for_overwrite<std::byte[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), buffer.get());
    const bytes_view view(buffer.get(), bytes.size());
    return {std::move(buffer), view};
  }

  bytes_view view() const { return view_; }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  shared_bytes slice(std::size_t offset, std::size_t length) const {
    return {owner_, view_.subspan(offset, length)};
  }

 private:
  std::shared_ptr<const std::byte[]> owner_;
  bytes_view view_;
};

}  // namespace barnabas
