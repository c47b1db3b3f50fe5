#include "broker/closing_call.h"

namespace barnabas::broker {
namespace {

runtime::task<> cancel_here(coordinator::cancellation& what) {
  what.cancel();
  co_return;
}

}  // namespace

runtime::task<> closing_call::watch() {
  {
    network::closing_watch watch(closing_, changed_);
    while (!has_ended_ && !closing_.is_set()) {
      co_await changed_.wait_until(runtime::no_deadline);  // the call ends, or the connection
    }
  }
  if (!has_ended_) {
    co_await runtime::on_shard(owner_, [this] { return cancel_here(cancel_); });
  }
}

}  // namespace barnabas::broker
