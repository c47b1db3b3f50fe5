// A Produce request (version 9) built once and sent many times. Only its head changes from one
// sending to the next: the correlation id, and for an idempotent producer the batch's header.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "bench/load/record_batch.h"

namespace barnabas::bench {

struct produce_request {
  std::vector<std::byte> bytes;
  std::size_t head_bytes = 0;
  std::size_t batch_at = 0;  // the first batch
  std::int32_t first_partition = 0;
  std::int32_t partitions = 0;  // consecutive ones, each with the same batch
  std::int32_t sequence = 0;    // of the next sending, for an idempotent producer

  static constexpr std::size_t correlation_at = 8;

  bytes_view tail() const { return bytes_view(bytes).subspan(head_bytes); }
};

// With `is_idempotent` the head reaches to the end of the first batch's header.
produce_request make_produce_request(const std::string& topic, std::int32_t first_partition,
                                     std::int32_t partitions, std::int16_t acks,
                                     const record_batch& batch, bool is_idempotent);

// Gives the copied head of an idempotent request its producer, sequence and checksum.
void stamp_producer(mutable_bytes head, const produce_request& request, std::int64_t producer_id);

// The first error code in an answer, 0 when all went well, -1000 when the answer is not whole.
// `answer` begins at the correlation id.
std::int16_t error_in_produce_answer(bytes_view answer);

}  // namespace barnabas::bench
