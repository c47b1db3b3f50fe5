#include "broker/coordinator_log.h"

#include <tuple>
#include <utility>

namespace barnabas::broker {
namespace {

constexpr std::int64_t read_bytes = 64 << 10;

// From the page cache where it is there, else on a file thread.
runtime::task<result<std::vector<std::byte>>> bytes_of(runtime::file_slice slice) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(slice.length));
  auto cached = slice.source->read_at_if_cached(bytes, slice.offset);
  if (!cached) {
    co_return fail(std::move(cached.error()));
  }
  if (*cached != bytes.size()) {
    const auto read = co_await runtime::blocking(
        [&bytes, &slice] { return slice.source->read_at(bytes, slice.offset); });
    if (!read) {
      co_return fail(read.error());
    }
    bytes.resize(*read);
  }
  co_return bytes;
}

}  // namespace

std::int32_t coordinator_log::leader_epoch() const {
  return partition_->is_leader() ? partition_->state().leader_epoch : -1;
}

std::int64_t coordinator_log::log_start_offset() const {
  return partition_->is_closed() ? -1 : partition_->log()->log->log_start_offset();
}

std::int64_t coordinator_log::log_end_offset() const {
  return partition_->log_end_offset();
}

coordinator::log_limits coordinator_log::limits() const {
  coordinator::log_limits out;
  out.compression = rules_.compression;
  if (const auto settings = settings_()) {
    out.max_batch_bytes = settings->validation.max_message_bytes;
    out.max_append_bytes = settings->validation.max_total_bytes;
    out.compression = settings->validation.compression.value_or(out.compression);
  }
  return out;
}

runtime::task<result<coordinator::appended>> coordinator_log::append(
    std::vector<std::byte> batches) {
  const auto settings = settings_();
  const auto done = co_await partition_->append(
      batches, record::origin::coordinator,
      settings ? std::optional(settings->min_insync_replicas) : std::nullopt);
  if (!done) {
    co_return fail(done.error());
  }
  co_return coordinator::appended{done->base_offset, done->end_offset, done->leader_epoch,
                                  done->needs_disk};
}

runtime::task<result<>> coordinator_log::wait_committed(coordinator::appended what) {
  replica::append_outcome outcome;
  outcome.base_offset = what.base_offset;
  outcome.end_offset = what.end_offset;
  outcome.leader_epoch = what.leader_epoch;
  outcome.needs_disk = what.needs_disk;
  return partition_->wait_committed(outcome, rules_.acknowledge, runtime::no_deadline);
}

runtime::task<result<std::vector<std::byte>>> coordinator_log::read(std::int64_t offset) {
  replica::read_position from;
  from.offset = offset;
  from.max_bytes = read_bytes;
  from.level = replica::isolation::log_end;
  auto found = co_await partition_->read(from);
  if (found.error != error_code::none) {
    co_return fail(found.error, "reading at offset " + std::to_string(offset));
  }
  if (found.data.empty()) {
    co_return std::vector<std::byte>();
  }
  co_return co_await bytes_of(std::move(found.data.slice));
}

}  // namespace barnabas::broker
