#include "storage/batch_scan.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/ensure.h"

namespace barnabas::storage {

namespace {
// Behind a batch of this size the next header is read alone, with the rest of its page.
constexpr std::int64_t large_batch_bytes = 4096;
// Entries of an index that are so far apart belong to large batches, which have one each (with the
// default index.interval.bytes): what is looked for is likely at the second.
constexpr std::int64_t far_apart_bytes = 2 * large_batch_bytes;
constexpr std::int64_t page_bytes = 4096;
// For a header that begins at the end of a page.
constexpr std::size_t page_and_header_bytes = page_bytes + record::batch_header_bytes;
// magic 1: offset, length, crc, magic, attributes, and then the timestamp.
constexpr std::size_t magic_1_timestamp_at = 18;
// magic 0 and 1: CRC-32 (IEEE 802.3) of all that follows it.
constexpr std::size_t old_crc_at = 12;

std::uint32_t crc32(std::uint32_t previous, bytes_view bytes) {
  const auto size = static_cast<uInt>(bytes.size());  // at most the buffer
  return static_cast<std::uint32_t>(
      ::crc32(previous, reinterpret_cast<const Bytef*>(bytes.data()), size));
}
}  // namespace

result<std::optional<std::size_t>> read_at(const runtime::file& source, mutable_bytes into,
                                           std::int64_t position, reads how) {
  return how == reads::only_cached ? source.read_at_if_cached(into, position)
                                   : source.read_at(into, position);
}

batch_scan::batch_scan(const runtime::file& source, std::int64_t position, std::int64_t end,
                       scan_options options)
    : source_(source),
      end_(end),
      options_(options),
      buffer_(std::make_shared_for_overwrite<std::byte[]>(options.buffer_bytes)) {
  ensure(options.buffer_bytes >= record::batch_header_bytes, "a scan's buffer holds a header");
  current_.position = position;
}

std::size_t batch_scan::bytes_to_ask(std::int64_t position, std::size_t wanted) const {
  const bool is_header_only =
      !reads_bodies_ && (options_.are_batches_large || current_.size_bytes >= large_batch_bytes);
  const auto most = static_cast<std::size_t>(
      std::min(end_ - position, static_cast<std::int64_t>(options_.buffer_bytes)));
  const auto left_in_page = static_cast<std::size_t>(page_bytes - position % page_bytes);
  return is_header_only ? std::min(std::max(wanted, left_in_page), most) : most;
}

result<bytes_view> batch_scan::bytes_at(std::int64_t position, std::size_t wanted, reads how) {
  const std::int64_t skipped = position - buffered_from_;
  if (skipped >= 0 &&
      skipped + static_cast<std::int64_t>(wanted) <= static_cast<std::int64_t>(buffered_)) {
    return bytes_view(buffer_.get(), buffered_).subspan(static_cast<std::size_t>(skipped));
  }
  const mutable_bytes into(buffer_.get(), bytes_to_ask(position, wanted));
  buffered_ = 0;
  const auto got = read_at(source_, into, position, how);
  if (!got) {
    return std::unexpected(got.error());
  }
  if (!*got) {
    return bytes_view();
  }
  if (**got < wanted) {
    return fail(error_code::kafka_storage_error,
                fmt::format("{}: ends at {}, {} bytes expected", source_.path(),
                            position + static_cast<std::int64_t>(**got), end_));
  }
  buffered_from_ = position;
  buffered_ = **got;
  return bytes_view(buffer_.get(), buffered_);
}

result<batch_scan::step> batch_scan::next() {
  const std::int64_t position = current_.end_position();
  if (position >= end_) {
    current_.position = position;
    current_.size_bytes = 0;
    return step::end;
  }
  const std::int64_t left = end_ - position;
  const std::size_t wanted =
      static_cast<std::size_t>(std::min<std::int64_t>(left, record::batch_header_bytes));
  const auto head = bytes_at(position, wanted, options_.how);
  if (!head) {
    return std::unexpected(head.error());
  }
  current_ = scanned_batch{.position = position};
  if (head->empty()) {
    return step::would_wait;
  }
  std::memcpy(header_.data(), head->data(), wanted);
  if (!take_header(bytes_view(header_.data(), wanted), left)) {
    current_.size_bytes = 0;
    return step::broken;
  }
  return step::batch;
}

bool batch_scan::take_header(bytes_view head, std::int64_t left) {
  const auto parsed = record::batch_header::parse(head);
  if (parsed) {
    current_.size_bytes = static_cast<std::int64_t>(parsed->size_bytes());
    current_.base_offset = parsed->base_offset();
    current_.last_offset = parsed->last_offset();
    current_.max_timestamp =
        parsed->record_count() > 0 ? parsed->max_timestamp() : record::no_timestamp;
    current_.leader_epoch = parsed->partition_leader_epoch();
    current_.has_header = true;
  } else if (!take_old_format(head)) {
    reason_ = parsed.error().why.message;
    return false;
  }
  if (current_.size_bytes > left) {
    reason_ = fmt::format("a batch of {} bytes with {} left", current_.size_bytes, left);
    return false;
  }
  return true;
}

bool batch_scan::take_old_format(bytes_view head) {
  const auto frame = record::frame::parse(head);
  if (!frame || frame->magic >= record::current_magic) {
    return false;
  }
  current_.size_bytes = static_cast<std::int64_t>(frame->size_bytes);
  current_.base_offset = current_.last_offset = frame->offset;
  if (frame->magic == 1 && head.size() >= magic_1_timestamp_at + sizeof(std::int64_t)) {
    current_.max_timestamp = load_big_endian<std::int64_t>(head.data() + magic_1_timestamp_at);
  }
  return true;
}

record::batch_header batch_scan::header() const {
  const auto parsed = record::batch_header::parse(header_);
  ensure(parsed.has_value(), "the header of a scanned batch was parsed before");
  return *parsed;
}

result<bool> batch_scan::is_crc_valid() {
  reads_bodies_ = true;
  const bool is_old = !current_.has_header;
  std::uint32_t crc = 0;
  std::int64_t position =
      current_.position + static_cast<std::int64_t>(is_old ? record::at::magic : record::crc_begin);
  while (position < current_.end_position()) {
    const auto bytes = bytes_at(position, 1, reads::may_wait);
    if (!bytes) {
      return std::unexpected(bytes.error());
    }
    const auto left = static_cast<std::size_t>(current_.end_position() - position);
    const bytes_view part = bytes->first(std::min(left, bytes->size()));
    crc = is_old ? crc32(crc, part) : crc32c(part, crc);
    position += static_cast<std::int64_t>(part.size());
  }
  return crc == (is_old ? load_big_endian<std::uint32_t>(header_.data() + old_crc_at)
                        : header().stored_crc());
}

shared_bytes batch_scan::take_read() && {
  const std::int64_t skipped = current_.position - buffered_from_;
  if (skipped < 0 || skipped >= static_cast<std::int64_t>(buffered_)) {
    return {};
  }
  const auto read = bytes_view(buffer_.get(), buffered_).subspan(static_cast<std::size_t>(skipped));
  return {std::move(buffer_), read};
}

result<bytes_view> batch_scan::whole_batch() {
  const auto size = static_cast<std::size_t>(current_.size_bytes);
  if (size <= options_.buffer_bytes) {
    const auto bytes = bytes_at(current_.position, size, reads::may_wait);
    return bytes ? result<bytes_view>(bytes->first(size)) : bytes;
  }
  large_batch_.resize(size);
  const auto got = source_.read_at(large_batch_, current_.position);
  if (!got) {
    return std::unexpected(got.error());
  }
  if (*got < size) {
    return fail(error_code::kafka_storage_error, source_.path() + ": ends inside a batch");
  }
  return bytes_view(large_batch_);
}

namespace {
found_batch found_here(batch_scan&& scan) {
  const scanned_batch found = scan.current();
  return {found.position, found.size_bytes, std::move(scan).take_read()};
}
}  // namespace

result<found_batch> find_batch(const runtime::file& source, batch_bounds hints, std::int64_t end,
                               std::int64_t offset, reads how) {
  const auto is_inside = [end](std::int64_t position) { return position > 0 && position < end; };
  if (is_inside(hints.last) && hints.last - hints.first >= far_apart_bytes) {
    batch_scan scan(source, hints.last, end,
                    {.buffer_bytes = page_and_header_bytes, .how = how, .are_batches_large = true});
    const auto step = scan.next();
    if (step && *step == batch_scan::step::batch && scan.current().base_offset <= offset &&
        offset <= scan.current().last_offset) {
      return found_here(std::move(scan));
    }
    if (step && *step == batch_scan::step::would_wait) {
      return found_batch{.position = scan.position(), .would_wait = true};
    }
  }
  const std::int64_t from = is_inside(hints.first) ? hints.first : 0;
  batch_scan scan(source, from, end, {.how = how});
  for (bool is_first = true;; is_first = false) {
    const auto step = scan.next();
    if (!step) {
      return std::unexpected(step.error());
    }
    const bool is_hint_wrong =
        is_first && from > 0 &&
        (*step == batch_scan::step::broken ||
         (*step == batch_scan::step::batch && scan.current().base_offset > offset));
    if (is_hint_wrong) {
      return find_batch(source, {}, end, offset, how);
    }
    if (*step == batch_scan::step::end) {
      return found_batch{end};
    }
    if (*step == batch_scan::step::would_wait) {
      return found_batch{.position = scan.position(), .would_wait = true};
    }
    if (*step == batch_scan::step::broken) {
      return fail(
          error_code::kafka_storage_error,
          fmt::format("{}: no batch at {}: {}", source.path(), scan.position(), scan.reason()));
    }
    if (scan.current().last_offset >= offset) {
      return found_here(std::move(scan));
    }
    if (scan.current().last_offset == offset - 1) {
      // Whatever comes there, if anything, is not below.
      return found_batch{scan.current().end_position()};
    }
  }
}

}  // namespace barnabas::storage
