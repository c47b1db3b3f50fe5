// Closes a stream when a deadline has come, so that what waits for it ends. Lives on the stream's
// shard, in the frame of who uses the stream meanwhile.
#pragma once

#include "runtime/socket.h"

namespace barnabas::runtime {

class closing_timer final : public timer {
 public:
  closing_timer(stream& closed, steady_time deadline) : closed_(closed) {
    shard::current().arm(*this, deadline);
  }
  void fired() override {
    has_fired_ = true;
    closed_.close();
  }
  bool has_fired() const { return has_fired_; }

 private:
  stream& closed_;
  bool has_fired_ = false;
};

}  // namespace barnabas::runtime
