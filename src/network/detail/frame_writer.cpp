#include "network/detail/frame_writer.h"

#include <fmt/format.h>

#include "network/detail/buffer_pool.h"
#include "runtime/shard.h"

namespace barnabas::network::detail {
namespace {

constexpr std::size_t scratch_bytes = (std::size_t{64} << 10) - buffer_overhead_bytes;
// Slices below this size are copied: measured, sendfile is not cheaper there.
constexpr std::int64_t sendfile_bytes = 16 << 10;
// sendfile takes 16 pages at a time, also parts of pages: what stands before the first whole page
// is copied, so that 64 KiB are one step and not two.
constexpr std::int64_t page_bytes = 4096;
// A write or sendfile moves at most so much, so that progress to a slow reader is seen.
constexpr std::size_t piece_bytes = std::size_t{1} << 20;

std::unexpected<error> ended_early(const runtime::file& source) {
  return fail(error_code::kafka_storage_error,
              fmt::format("{} ends inside the records of an answer", source.path()));
}

}  // namespace

runtime::task<result<>> frame_writer::add(const outgoing_frame& frame) {
  const bytes_view bytes(frame.bytes);
  std::size_t from = 0;
  result<> done;
  for (const auto& insertion : frame.insertions) {
    if (insertion.slice.length == 0) {
      continue;
    }
    const bytes_view before = bytes.subspan(from, insertion.position - from);
    if (!gather(before)) {
      if (done = co_await add_bytes(before); !done) {
        co_return done;
      }
    }
    from = insertion.position;
    done = insertion.slice.length < sendfile_bytes ? co_await copy_slice(insertion.slice)
                                                   : co_await send_slice(insertion.slice);
    if (!done) {
      co_return done;
    }
  }
  if (const bytes_view rest = bytes.subspan(from); !gather(rest)) {
    done = co_await add_bytes(rest);
  }
  co_return done;
}

runtime::task<result<>> frame_writer::flush() {
  if (part_count_ == 0) {
    co_return result<>{};
  }
  const auto parts = std::span<const bytes_view>(parts_).first(part_count_);
  auto done = co_await stream_.write(parts);
  moved_ = runtime::shard::current().now();
  part_count_ = 0;
  gathered_bytes_ = 0;
  scratch_filled_ = 0;
  co_return done;
}

bool frame_writer::gather(bytes_view bytes) {
  if (bytes.empty()) {
    return true;
  }
  if (bytes.size() > piece_bytes || part_count_ == parts_.size() ||
      gathered_bytes_ >= piece_bytes) {
    return false;
  }
  parts_[part_count_++] = bytes;
  gathered_bytes_ += bytes.size();
  return true;
}

runtime::task<result<>> frame_writer::add_bytes(bytes_view bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), piece_bytes));
    if (!gather(piece)) {
      if (auto done = co_await flush(); !done) {
        co_return done;
      }
      continue;
    }
    bytes = bytes.subspan(piece.size());
  }
  co_return result<>{};
}

runtime::task<result<>> frame_writer::copy_slice(const runtime::file_slice& slice) {
  const auto length = static_cast<std::size_t>(slice.length);
  if (slice.head.size() >= length) {
    co_return co_await add_bytes(slice.head.view().first(length));
  }
  if (scratch_ == nullptr) {
    scratch_ = make_buffer(scratch_bytes);
  }
  if (scratch_bytes - scratch_filled_ < length) {
    if (auto done = co_await flush(); !done) {
      co_return done;
    }
  }
  const mutable_bytes into(scratch_.get() + scratch_filled_, length);
  std::size_t filled = 0;
  if (const auto got = slice.source->read_at_if_cached(into, slice.offset); got && *got) {
    filled = **got;
  }
  if (filled < length) {
    const auto rest = into.subspan(filled);
    const auto offset = slice.offset + static_cast<std::int64_t>(filled);
    const auto got = co_await runtime::blocking(
        [&source = *slice.source, rest, offset] { return source.read_at(rest, offset); });
    if (!got) {
      co_return std::unexpected(got.error());
    }
    if (*got < rest.size()) {
      co_return ended_early(*slice.source);
    }
  }
  scratch_filled_ += length;
  co_return co_await add_bytes(into);
}

runtime::task<result<>> frame_writer::send_slice(const runtime::file_slice& slice) {
  std::int64_t end = slice.offset + slice.length;
  std::int64_t offset = (slice.offset + page_bytes - 1) / page_bytes * page_bytes;
  if (offset != slice.offset) {
    runtime::file_slice head = slice;
    head.length = offset - slice.offset;
    if (auto copied = co_await copy_slice(head); !copied) {
      co_return copied;
    }
  }
  // A segment of its own for what stands before the slice would wake the reader for nothing.
  stream_.set_more_follows(true);
  const auto done = co_await flush();
  stream_.set_more_follows(false);
  if (!done) {
    co_return done;
  }
  const bytes_view tail = read_tail(slice);
  end -= static_cast<std::int64_t>(tail.size());
  while (offset < end) {
    const std::int64_t length = std::min(end - offset, static_cast<std::int64_t>(piece_bytes));
    const bool is_cached = !tail.empty() && offset + length == end;
    if (auto sent = co_await stream_.send_file(*slice.source, offset, length, is_cached); !sent) {
      co_return sent;
    }
    moved_ = runtime::shard::current().now();
    offset += length;
  }
  co_return co_await add_bytes(tail);
}

bytes_view frame_writer::read_tail(const runtime::file_slice& slice) {
  const std::int64_t end = slice.offset + slice.length;
  const std::int64_t length = end % page_bytes;
  if (length == 0) {
    return {};
  }
  tail_ = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(length));
  const mutable_bytes into(tail_.get(), static_cast<std::size_t>(length));
  const auto got = slice.source->read_at_if_cached(into, end - length);
  return got && *got == into.size() ? into : bytes_view();
}

}  // namespace barnabas::network::detail
