#include "storage/batch_chunks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "record/batch_view.h"

namespace barnabas::storage {

batch_chunks::batch_chunks(std::shared_ptr<const runtime::file> source, std::int64_t position,
                           std::int64_t end, std::size_t buffer_bytes)
    : source_(std::move(source)), chunk_at_(position), end_(end), buffer_(buffer_bytes) {}

// Moves what is left of the last chunk to the front and reads on behind it.
result<> batch_chunks::fill() {
  const std::size_t left = buffered_ - chunk_bytes_;
  std::memmove(buffer_.data(), buffer_.data() + chunk_bytes_, left);
  chunk_at_ += static_cast<std::int64_t>(chunk_bytes_);
  chunk_bytes_ = 0;
  buffered_ = left;
  const std::int64_t from = chunk_at_ + static_cast<std::int64_t>(left);
  const auto wanted = static_cast<std::size_t>(
      std::min(end_ - from, static_cast<std::int64_t>(buffer_.size() - left)));
  const auto got = source_->read_at(mutable_bytes(buffer_).subspan(left, wanted), from);
  if (!got) {
    return std::unexpected(got.error());
  }
  if (*got < wanted) {
    return fail(error_code::kafka_storage_error, source_->path() + ": is shorter than it was");
  }
  buffered_ += *got;
  return {};
}

result<bytes_view> batch_chunks::next() {
  if (auto filled = fill(); !filled) {
    return std::unexpected(filled.error());
  }
  while (true) {
    const bytes_view bytes = bytes_view(buffer_).first(buffered_);
    record::batches all(bytes);
    while (all.next()) {
    }
    chunk_bytes_ = all.position();
    if (chunk_bytes_ > 0 || buffered_ == 0) {
      return bytes.first(chunk_bytes_);
    }
    const auto& failure = all.failure();
    const bool is_longer = failure->what == record::parse_failure::kind::incomplete &&
                           static_cast<std::int64_t>(failure->bytes_needed) <= end_ - chunk_at_;
    if (!is_longer) {
      return fail(
          error_code::corrupt_message,
          fmt::format("{}: no batch at {}: {}", source_->path(), chunk_at_, failure->why.message));
    }
    buffer_.resize(std::max(buffer_.size(), failure->bytes_needed));
    if (auto filled = fill(); !filled) {
      return std::unexpected(filled.error());
    }
  }
}

}  // namespace barnabas::storage
