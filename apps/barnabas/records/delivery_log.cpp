#include "records/delivery_log.h"

#include <fmt/format.h>

#include <cstdio>

namespace barnabas::app {

std::function<void(const kafka::delivery&, const kafka::error*)> delivery_log::listener() {
  return [this](const kafka::delivery& delivery, const kafka::error* why) { take(delivery, why); };
}

void delivery_log::take(const kafka::delivery& delivery, const kafka::error* why) {
  if (why == nullptr) {
    if (prints_) {
      fmt::print("{} {} {}\n", delivery.topic, delivery.partition, delivery.offset);
    }
    return;
  }
  const runtime::lock_holder held(guard_);
  ++failures_;
  if (!first_) {
    first_ = *why;
  }
}

outcome<> delivery_log::verdict() {
  const runtime::lock_holder held(guard_);
  if (failures_ == 0) {
    return {};
  }
  return fail_with(*first_, fmt::format("{} records were not delivered: ", failures_));
}

}  // namespace barnabas::app
