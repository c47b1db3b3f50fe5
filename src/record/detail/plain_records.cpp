#include "record/detail/plain_records.h"

#include <algorithm>
#include <limits>

#include "base/varint.h"
#include "record/detail/record_decoder.h"

namespace barnabas::record::detail {
namespace {

// Reads forward in one buffer; once something is wrong it stays so, and every value is 0.
class plain_cursor {
 public:
  explicit plain_cursor(bytes_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool is_good() const { return is_good_; }
  void fail() { is_good_ = false; }
  const std::byte* position() const { return at_; }
  const std::byte* end() const { return end_; }

  std::int64_t varint(std::size_t most_bytes) {
    if (at_ != end_ && std::to_integer<unsigned>(*at_) < 0x80) {
      return unzigzag(std::to_integer<std::uint64_t>(*at_++));
    }
    std::int64_t value = 0;
    const std::size_t taken =
        read_varint({at_, static_cast<std::size_t>(end_ - at_)}, value, most_bytes);
    if (taken == 0) {
      fail();
      return 0;
    }
    at_ += taken;
    return value;
  }
  void skip(std::int64_t bytes) {
    if (bytes < 0 || bytes > end_ - at_) {
      fail();
    } else {
      at_ += bytes;
    }
  }
  // A length and so many bytes; -1 is null. Returns the length.
  std::int64_t skip_nullable() {
    const std::int64_t length = varint(varint_max_bytes);
    if (length != -1) {
      skip(length);
    }
    return length;
  }

 private:
  const std::byte* at_;
  const std::byte* end_;
  bool is_good_ = true;
};

void skip_headers(plain_cursor& in) {
  std::int64_t count = in.varint(varint_max_bytes);
  if (count < 0) {
    in.fail();
  }
  for (; count > 0 && in.is_good(); --count) {
    in.skip(in.varint(varint_max_bytes));
    in.skip_nullable();
  }
}

}  // namespace

std::optional<plain_records> read_plain_records(batch_view batch, bool needs_keys) {
  plain_records found{std::numeric_limits<std::int64_t>::max(),
                      std::numeric_limits<std::int64_t>::min()};
  plain_cursor in(batch.payload());
  bool is_right = true;
  for (std::int32_t i = 0; i < batch.record_count() && is_right; ++i) {
    const std::int64_t length = in.varint(varint_max_bytes);
    const std::byte* const begin = in.position();
    in.skip(1);  // attributes
    // Wraps as Java's sum does.
    const auto timestamp =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(batch.base_timestamp()) +
                                  static_cast<std::uint64_t>(in.varint(varlong_max_bytes)));
    const bool is_in_order = in.varint(varint_max_bytes) == i;
    const bool has_key = in.skip_nullable() >= 0;
    in.skip_nullable();
    skip_headers(in);
    found.smallest_timestamp = std::min(found.smallest_timestamp, timestamp);
    found.largest_timestamp = std::max(found.largest_timestamp, timestamp);
    is_right =
        in.is_good() && is_in_order && (has_key || !needs_keys) && in.position() - begin == length;
  }
  return is_right && in.position() == in.end() ? std::optional(found) : std::nullopt;
}

}  // namespace barnabas::record::detail
