#include "runtime/detail/watched_descriptor.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <utility>

namespace barnabas::runtime::detail {

void watched_descriptor::on_events(std::uint32_t events) {
  constexpr std::uint32_t broken = EPOLLERR | EPOLLHUP;
  at(direction::reading).is_final |= (events & (EPOLLRDHUP | broken)) != 0;
  at(direction::writing).is_final |= (events & broken) != 0;
  if ((events & (EPOLLIN | EPOLLRDHUP | broken)) != 0) {
    wake(at(direction::reading), 0);
  }
  if ((events & (EPOLLOUT | broken)) != 0) {
    wake(at(direction::writing), 0);
  }
}

void watched_descriptor::wake(side& which, int outcome) {
  if (which.waiter == nullptr) {
    which.may_be_ready = true;
    return;
  }
  ready_wait& woken = *which.waiter;
  woken.outcome_ = outcome;
  woken.leave();
  home_->post(woken.self_);
}

void watched_descriptor::close() {
  if (number_ < 0) {
    return;
  }
  if (is_registered_) {
    home_->forget(number_, is_patient_);
  }
  ::close(std::exchange(number_, -1));
  for (side& each : sides_) {
    wake(each, ECANCELED);
  }
}

void watched_descriptor::set_patient(bool yes) {
  if (yes == is_patient_) {
    return;
  }
  if (is_registered_) {
    home_->forget(number_, is_patient_);
    // What arrived meanwhile is an event again: the kernel looks when it is registered.
    const int problem = home_->watch(number_, *this, yes);
    is_registered_ = problem == 0;
    for (side& each : sides_) {
      if (!is_registered_ && each.waiter != nullptr) {
        wake(each, problem);
      }
    }
  }
  is_patient_ = yes;
}

void watched_descriptor::unregister() {
  if (std::exchange(is_registered_, false)) {
    home_->forget(number_, is_patient_);
  }
  sides_ = {};
}

void watched_descriptor::move_to(real_shard& home) {
  unregister();
  home_ = &home;
}

int watched_descriptor::release() {
  unregister();
  return std::exchange(number_, -1);
}

bool ready_wait::await_ready() {
  if (on_.number_ < 0) {
    outcome_ = ECANCELED;
    return true;
  }
  return std::exchange(on_.at(which_).may_be_ready, false) || on_.at(which_).is_final;
}

bool ready_wait::await_suspend(std::coroutine_handle<> self) {
  if (!on_.is_registered_) {
    outcome_ = on_.home_->watch(on_.number_, on_, on_.is_patient_);
    if (outcome_ != 0) {
      return false;
    }
    on_.is_registered_ = true;
  }
  self_ = self;
  is_waiting_ = true;
  on_.at(which_).waiter = this;
  if (deadline_ != no_deadline) {
    on_.home_->arm(*this, deadline_);
  }
  return true;
}

void ready_wait::fired() {
  outcome_ = ETIMEDOUT;
  leave();
  self_.resume();
}

void ready_wait::leave() {
  if (std::exchange(is_waiting_, false)) {
    on_.at(which_).waiter = nullptr;
    if (is_armed()) {
      on_.home_->disarm(*this);
    }
  }
}

}  // namespace barnabas::runtime::detail
