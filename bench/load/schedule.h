// When each batch of an open-loop run was meant to be sent, by partition and in the order of the
// log, so that a reader who finds a batch knows how late it is.
#pragma once

#include <cstdint>
#include <vector>

namespace barnabas::bench {

class schedule {
 public:
  explicit schedule(std::size_t partitions) : by_partition_(partitions) {}

  void sent(std::int32_t partition, std::int64_t intended_ns) {
    by_partition_[static_cast<std::size_t>(partition)].push_back(intended_ns);
  }
  // Of the batch that is the `index`th of its partition.
  std::int64_t intended_ns(std::int32_t partition, std::int64_t index) const {
    return by_partition_[static_cast<std::size_t>(partition)].at(static_cast<std::size_t>(index));
  }
  std::int64_t batches(std::int32_t partition) const {
    return static_cast<std::int64_t>(by_partition_[static_cast<std::size_t>(partition)].size());
  }

 private:
  std::vector<std::vector<std::int64_t>> by_partition_;
};

}  // namespace barnabas::bench
