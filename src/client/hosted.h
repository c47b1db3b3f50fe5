// Something that lives on the I/O thread, owned by a thread outside: made,
// started, stopped and destroyed there.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "client/io_thread.h"
#include "runtime/outside.h"

namespace barnabas::client {

template <class Core>
class hosted {
 public:
  template <class... Arguments>
  explicit hosted(Arguments&&... arguments) : thread_(io_thread()) {
    runtime::wait_for(home(), [&] { return make(std::forward<Arguments>(arguments)...); });
  }
  hosted(const hosted&) = delete;
  hosted& operator=(const hosted&) = delete;
  ~hosted() {
    runtime::wait_for(home(), [this] { return end(); });
  }

  Core& operator*() { return *core_; }
  Core* operator->() { return core_.get(); }
  runtime::shard& home() { return thread_->home(); }
  // What `call` gives there; the calling thread waits for it.
  template <class F>
  auto on_shard(F call) {
    return runtime::wait_for(home(), [&] { return run(call); });
  }
  // Whether the calling thread is the I/O thread, which must not wait for itself.
  bool is_here() const { return thread_->is_here(); }

 private:
  template <class... Arguments>
  runtime::task<bool> make(Arguments&&... arguments) {
    core_ = std::make_unique<Core>(thread_->get(), std::forward<Arguments>(arguments)...);
    core_->start();
    co_return true;
  }
  template <class F>
  static runtime::task<std::invoke_result_t<F>> run(F& call) {
    co_return call();
  }
  runtime::task<bool> end() {
    co_await core_->stop();
    core_.reset();
    co_return true;
  }

  std::shared_ptr<runtime::background_world> thread_;
  std::unique_ptr<Core> core_;
};

}  // namespace barnabas::client
