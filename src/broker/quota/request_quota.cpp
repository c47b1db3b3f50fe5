#include "broker/quota/request_quota.h"

#include <algorithm>
#include <limits>

#include "runtime/shard.h"
#include "runtime/work_time.h"

namespace barnabas::broker {

using cluster::quota_kind;

namespace {

runtime::steady_time time_now() {
  return runtime::shard::current().now();
}

}  // namespace

void request_quota::work() {
  if (!is_working_ && counts_time()) {
    is_working_ = true;
    work_before_ = runtime::work_time();
  }
}

void request_quota::wait() {
  if (is_working_) {
    count_time();
    is_working_ = false;
  }
}

void request_quota::count_time() {
  const runtime::duration work = runtime::work_time();
  const double seconds = std::chrono::duration<double>(work - work_before_).count();
  work_before_ = work;
  if (seconds > 0) {
    meters_->record(limits_->get(quota_kind::request_percentage).meter, seconds * 100);
  }
}

void request_quota::produced() {
  const auto& limit = limits_->get(quota_kind::producer_byte_rate);
  if (limit.meter) {
    meters_->record(limit.meter, static_cast<double>(request_bytes_));
    delay_for(limit.meter->rate.delay(limit.a_second, time_now()));
  }
}

std::int64_t request_quota::most_fetch_bytes() const {
  constexpr double most = std::numeric_limits<std::int32_t>::max();
  const auto& limit = limits_->get(quota_kind::consumer_byte_rate);
  const quota_window window = meters_->window();
  const runtime::duration full =
      window.whole() - (window.samples > 1 ? window.length : runtime::duration::zero());
  const double bytes = limit.a_second * std::chrono::duration<double>(full).count();
  return static_cast<std::int64_t>(limit.meter ? std::min(bytes, most) : most);
}

bool request_quota::may_fetch(std::int64_t bytes) {
  const auto& limit = limits_->get(quota_kind::consumer_byte_rate);
  if (!limit.meter || bytes == 0) {
    return true;
  }
  const runtime::steady_time now = time_now();
  const auto more = static_cast<double>(bytes);
  const auto delay = limit.meter->rate.delay(limit.a_second, now, more);
  if (delay.count() > 0 && limit.meter->rate.total(now) > 0) {
    delay_for(delay);
    return false;
  }
  meters_->record(limit.meter, more);
  return true;
}

std::int32_t request_quota::settle() {
  const auto& limit = limits_->get(quota_kind::request_percentage);
  if (limit.meter) {
    if (is_working_) {
      count_time();
    }
    // At most one sample's length: what follows a wait that long says more.
    const auto most =
        std::chrono::duration_cast<std::chrono::milliseconds>(meters_->window().length);
    delay_for(std::min(limit.meter->rate.delay(limit.a_second, time_now()), most));
  }
  return static_cast<std::int32_t>(delay_.count());
}

}  // namespace barnabas::broker
