// A received frame: the payload after its length. Small frames share the buffer that they arrived
// in, large ones have their own; the payload may be written to (Produce puts offsets into it), and
// lives as long as `buffer`, which may be handed to another shard. The charge stays on the
// connection's shard.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "network/memory_budget.h"

namespace barnabas::network {

struct frame {
  std::shared_ptr<std::byte[]> buffer;
  mutable_bytes payload;
  memory_charge charge;  // held until the request is answered
};

}  // namespace barnabas::network
