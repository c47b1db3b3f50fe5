// What became of the records that a command produced: failures are counted and the first is kept;
// with `prints` each delivery is a line of standard output. Told on the client's I/O thread, asked
// when the producer has flushed.
#pragma once

#include <barnabas/producer.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "frame/failure.h"
#include "runtime/outside.h"

namespace barnabas::app {

class delivery_log {
 public:
  explicit delivery_log(bool prints) : prints_(prints) {}
  delivery_log(const delivery_log&) = delete;
  delivery_log& operator=(const delivery_log&) = delete;

  // This outlives whoever calls it.
  std::function<void(const kafka::delivery&, const kafka::error*)> listener();
  outcome<> verdict();

 private:
  void take(const kafka::delivery& delivery, const kafka::error* why);

  bool prints_;
  runtime::lock guard_;
  std::int64_t failures_ = 0;
  std::optional<kafka::error> first_;
};

}  // namespace barnabas::app
