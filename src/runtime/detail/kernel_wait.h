// One coroutine's wait for one answer of Asio, with a deadline. Asio's handler holds the object
// that it is about alive and knows the number of its wait; an answer to a wait that was abandoned
// or timed out finds nobody.
#pragma once

#include <boost/system/error_code.hpp>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <utility>

#include "runtime/shard.h"

namespace barnabas::runtime::detail {

// Where the answer arrives: in the object that the handler holds, for one wait at a time.
struct wait_slot {
  std::coroutine_handle<> waiter;
  std::uint64_t number = 0;
  boost::system::error_code refused;
  std::size_t bytes = 0;
};

// The handler of the Asio operation.
struct wait_answer {
  std::shared_ptr<void> keeps;
  wait_slot* slot;
  std::uint64_t number;

  void operator()(const boost::system::error_code& refused, std::size_t bytes = 0) {
    if (slot->number != number || !slot->waiter) {
      return;
    }
    slot->refused = refused;
    slot->bytes = bytes;
    std::exchange(slot->waiter, nullptr).resume();
  }
};

// start(wait_answer) begins the operation, cancel() ends it early. co_await gives the slot, whose
// `refused` is timed_out when the deadline came first.
template <class Start, class Cancel>
class kernel_wait final : timer {
 public:
  kernel_wait(std::shared_ptr<void> keeps, wait_slot& slot, steady_time deadline, Start start,
              Cancel cancel)
      : keeps_(std::move(keeps)),
        slot_(slot),
        deadline_(deadline),
        start_(start),
        cancel_(cancel) {}
  ~kernel_wait() override {
    if (self_ && slot_.waiter == self_) {
      slot_.waiter = nullptr;
      cancel_();
    }
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    self_ = self;
    slot_.waiter = self;
    if (deadline_ != no_deadline) {
      shard::current().arm(*this, deadline_);
    }
    start_(wait_answer{keeps_, &slot_, ++slot_.number});
  }
  wait_slot& await_resume() {
    self_ = nullptr;
    return slot_;
  }

 private:
  void fired() override {
    slot_.waiter = nullptr;
    slot_.refused = make_error_code(boost::system::errc::timed_out);
    cancel_();
    self_.resume();
  }

  std::shared_ptr<void> keeps_;
  wait_slot& slot_;
  steady_time deadline_;
  Start start_;
  Cancel cancel_;
  std::coroutine_handle<> self_;
};

}  // namespace barnabas::runtime::detail
