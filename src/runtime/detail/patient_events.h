// The descriptors of a shard that may be told late of what arrives (stream::set_patient): an epoll
// instance of their own, inside the shard's. Its first event arms a timer, and when that fires all
// that have come are told at once. While nothing comes it costs nothing.
#pragma once

#include "runtime/detail/event_handler.h"
#include "runtime/shard.h"

namespace barnabas::runtime::detail {

class patient_events final : event_handler, timer {
 public:
  // Inside the epoll instance `outer`, which outlives it, as `home` does.
  patient_events(shard& home, int outer);
  ~patient_events() override;

  int epoll() const { return epoll_; }

 private:
  void on_events(std::uint32_t events) override;
  void fired() override;
  // The outer instance tells of the next event, once. False when the kernel does not take it.
  bool watch_once(int operation);

  shard& home_;
  int outer_;
  int epoll_;
};

}  // namespace barnabas::runtime::detail
