#include "record/plain_reader.h"

#include "base/ensure.h"

namespace barnabas::record {

plain_reader::plain_reader(batch_view batch)
    : batch_(batch),
      in_(batch.payload()),
      count_(batch.record_count()),
      base_offset_(batch.base_offset()),
      most_delta_(batch.last_offset_delta()) {
  ensure(batch.compression() == compression_type::none, "a plain reader's batch is not compressed");
  const bool is_append_time = batch.timestamp_type() == timestamp_type::log_append_time;
  base_timestamp_ = is_append_time ? batch.max_timestamp() : batch.base_timestamp();
  time_mask_ = is_append_time ? 0 : ~std::uint64_t{0};
}

result<> plain_reader::check() const {
  if (!batch_ || (is_right_ && in_.position() == in_.end())) {
    return {};
  }
  record_reader again(*batch_);
  auto record = again.next();
  while (record && *record) {
    record = again.next();
  }
  return record ? fail(error_code::invalid_record, "a record cannot be read")
                : fail(std::move(record.error()));
}

}  // namespace barnabas::record
