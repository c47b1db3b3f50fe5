#include "broker/quota/rate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace barnabas::broker {
namespace {

double in_seconds(runtime::duration time) {
  return std::chrono::duration<double>(time).count();
}

// What an answer can say: an int32 of milliseconds.
std::chrono::milliseconds bounded_ms(double ms) {
  constexpr double most = std::numeric_limits<std::int32_t>::max();
  return std::chrono::milliseconds(std::llround(ms < most ? ms : most));
}

}  // namespace

quota_rate::sample& quota_rate::current(runtime::steady_time now) {
  if (samples_.empty()) {
    samples_.push_back({now});
  }
  if (now - samples_[current_].start < window_.length) {
    return samples_[current_];
  }
  current_ = (current_ + 1) % window_.samples;
  if (current_ == samples_.size()) {
    samples_.push_back({now});
  } else {
    samples_[current_] = {now};
  }
  return samples_[current_];
}

void quota_rate::forget_old(runtime::steady_time now) {
  const runtime::duration whole = window_.whole();
  for (sample& one : samples_) {
    if (now - one.start >= whole) {
      one = {now};
    }
  }
}

// Over which the samples are counted.
double quota_rate::seconds(runtime::steady_time now) const {
  runtime::duration passed{};
  for (const sample& one : samples_) {
    passed = std::max(passed, now - one.start);
  }
  const auto filled = passed / window_.length;
  const auto least = static_cast<std::int64_t>(window_.samples) - 1;
  if (filled < least) {
    passed += (least - filled) * window_.length;
  }
  return in_seconds(std::max<runtime::duration>(passed, std::chrono::milliseconds(1)));
}

void quota_rate::record(double amount, runtime::steady_time now) {
  current(now).sum += amount;
}

double quota_rate::total(runtime::steady_time now) {
  forget_old(now);
  double sum = 0;
  for (const sample& one : samples_) {
    sum += one.sum;
  }
  return sum;
}

bool quota_rate::is_idle(runtime::steady_time now) const {
  return std::ranges::all_of(samples_, [&](const sample& one) {
    return one.sum == 0 || now - one.start >= window_.whole();
  });
}

double quota_rate::per_second(runtime::steady_time now) {
  return total(now) / seconds(now);
}

std::chrono::milliseconds quota_rate::delay(double limit, runtime::steady_time now, double more) {
  const double sum = total(now) + more;
  const double span = seconds(now);
  const double excess = sum / span - limit;
  return excess > 0 ? bounded_ms(excess / limit * span * 1'000) : std::chrono::milliseconds::zero();
}

token_bucket::token_bucket(quota_window window, double limit, runtime::steady_time now)
    : span_seconds_(in_seconds(window.whole())),
      limit_(limit),
      capacity_(limit * span_seconds_),
      tokens_(capacity_),
      last_(now) {}

double token_bucket::tokens_at(runtime::steady_time now) const {
  return std::min(capacity_, tokens_ + limit_ * in_seconds(now - last_));
}

void token_bucket::refill(double limit, runtime::steady_time now) {
  limit_ = limit;
  capacity_ = limit * span_seconds_;
  tokens_ = tokens_at(now);
  last_ = now;
}

std::chrono::milliseconds token_bucket::delay() const {
  return tokens_ < 0 ? bounded_ms(-tokens_ / limit_ * 1'000) : std::chrono::milliseconds::zero();
}

}  // namespace barnabas::broker
