#include "network/closing_signal.h"

#include "base/ensure.h"

namespace barnabas::network {

closing_signal::~closing_signal() {
  ensure(first_ == nullptr, "a closing_signal outlives its watches");
}

void closing_signal::set() {
  if (is_set_) {
    return;
  }
  is_set_ = true;
  for (closing_watch* watch = first_; watch != nullptr; watch = watch->next_) {
    watch->condition_.notify_all();
  }
}

closing_watch::closing_watch(closing_signal& signal, runtime::condition& condition)
    : signal_(signal), condition_(condition), next_(signal.first_) {
  if (next_ != nullptr) {
    next_->previous_ = this;
  }
  signal.first_ = this;
}

closing_watch::~closing_watch() {
  (previous_ != nullptr ? previous_->next_ : signal_.first_) = next_;
  if (next_ != nullptr) {
    next_->previous_ = previous_;
  }
}

}  // namespace barnabas::network
