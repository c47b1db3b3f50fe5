// What the kernel's events are about.
#pragma once

#include <cstdint>

namespace barnabas::runtime::detail {

// Called on the shard; it must not resume anybody.
class event_handler {
 public:
  virtual ~event_handler() = default;
  virtual void on_events(std::uint32_t events) = 0;  // EPOLLIN and its like
};

}  // namespace barnabas::runtime::detail
