#include "coordinator/detail/loader.h"

#include <algorithm>

#include "base/log.h"
#include "record/control_record.h"
#include "runtime/shard.h"

namespace barnabas::coordinator {
namespace {

// A segment may be replaced by its cleaned successor while it is read.
constexpr int attempts_to_read = 5;
// Of records that are not understood; their number is logged in the end.
constexpr std::int64_t lines_of_records = 10;

}  // namespace

runtime::task<result<std::int64_t>> loader::run() {
  const std::int32_t epoch = log_.leader_epoch();
  std::int64_t next = log_.log_start_offset();
  int failures = 0;
  while (next < log_.log_end_offset()) {
    auto piece = co_await log_.read(next);
    if (log_.leader_epoch() != epoch) {
      co_return fail(error_code::not_leader_or_follower);
    }
    if (!piece && next < log_.log_start_offset()) {
      next = log_.log_start_offset();
      continue;
    }
    if (!piece && ++failures < attempts_to_read) {
      continue;
    }
    if (!piece) {
      co_return fail(std::move(piece.error()));
    }
    if (piece->empty()) {
      break;  // what stood behind was compacted away
    }
    auto replayed = replay_piece(*piece, next);
    if (!replayed) {
      co_return replayed;
    }
    next = *replayed;
    failures = 0;
    co_await runtime::yield();
  }
  if (not_understood_ > lines_of_records) {
    log(log_level::error, "coordinator", "records were not understood and left out",
        {field("partition", log_.name()), field("records", not_understood_)});
  }
  co_return log_.log_end_offset();
}

result<std::int64_t> loader::replay_piece(bytes_view bytes, std::int64_t from) {
  record::batches all(bytes);
  std::int64_t next = from;
  for (const record::batch_view batch : all) {
    if (auto replayed = replay_batch(batch, from); !replayed) {
      return fail(std::move(replayed.error()),
                  "batch at offset " + std::to_string(batch.base_offset()) + ": ");
    }
    next = std::max(next, batch.next_offset());
  }
  const bool is_cut =
      all.failure() && all.failure()->what == record::parse_failure::kind::incomplete;
  if (all.failure() && (!is_cut || all.position() == 0)) {
    return fail(all.failure()->why, "after offset " + std::to_string(next) + ": ");
  }
  bytes_ += static_cast<std::int64_t>(all.position());
  return next;
}

result<> loader::replay_batch(record::batch_view batch, std::int64_t from) {
  if (!batch.is_crc_valid()) {
    return fail(error_code::corrupt_message, "its CRC is wrong");
  }
  record::record_reader reader(batch);
  for (;;) {
    auto record = reader.next();
    if (!record) {
      return fail(std::move(record.error()));
    }
    if (!*record) {
      return {};
    }
    if ((*record)->offset < from) {
      continue;
    }
    ++records_;
    const auto replayed =
        batch.is_control() ? replay_control(**record, batch) : replay_record(**record, batch);
    if (!replayed && ++not_understood_ <= lines_of_records) {
      log(log_level::error, "coordinator", "a record was not understood and left out",
          {field("partition", log_.name()), field("offset", (*record)->offset),
           field("reason", replayed.error().message)});
    }
  }
}

result<> loader::replay_record(const record::record_view& record, const record::batch_view& batch) {
  if (!record.key) {
    return fail(error_code::invalid_record, "it has no key");
  }
  return machine_.replay({.offset = record.offset,
                          .timestamp_ms = record.timestamp,
                          .key = *record.key,
                          .value = record.value,
                          .producer_id = batch.is_transactional() ? batch.producer_id() : -1});
}

result<> loader::replay_control(const record::record_view& record,
                                const record::batch_view& batch) {
  const auto type = record::control_type_of(record);
  if (!type) {
    return fail(type.error());
  }
  if (*type == record::control_type::unknown) {
    return {};
  }
  return machine_.replay_marker(batch.producer_id(), batch.producer_epoch(),
                                *type == record::control_type::commit);
}

}  // namespace barnabas::coordinator
