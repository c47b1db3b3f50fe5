#include "runtime/work_time.h"

#include <time.h>

#include "runtime/detail/real_shard.h"

namespace barnabas::runtime {

duration work_time() {
  if (dynamic_cast<const detail::real_shard*>(&shard::current()) == nullptr) {
    return duration::zero();
  }
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace barnabas::runtime
