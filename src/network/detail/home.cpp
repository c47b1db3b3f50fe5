#include "network/detail/home.h"

#include <algorithm>
#include <exception>

#include "runtime/time.h"

namespace barnabas::network::detail {

// Stands in the list of its home as long as it lives.
struct home::member {
  member(home& owner, std::unique_ptr<runtime::stream> stream, const std::string& listener_name)
      : owner(owner),
        it(std::move(stream), listener_name, owner.limits_, owner.budget_),
        next(owner.first_) {
    if (next != nullptr) {
      next->previous = this;
    }
    owner.first_ = this;
  }
  member(const member&) = delete;
  member& operator=(const member&) = delete;
  ~member() {
    (previous != nullptr ? previous->next : owner.first_) = next;
    if (next != nullptr) {
      next->previous = previous;
    }
  }

  home& owner;
  connection it;
  member* next;
  member* previous = nullptr;
};

runtime::task<> home::serve(std::unique_ptr<runtime::stream> stream,
                            const std::string& listener_name) {
  if (is_stopping_) {
    co_return;
  }
  member self(*this, std::move(stream), listener_name);
  try {
    co_await serve_(self.it);
  } catch (const std::exception& exception) {
    self.it.close_for(exception.what());
  }
  self.it.close();
}

runtime::task<> home::sweep() {
  if (limits_.idle_time.count() < 0) {
    co_return;
  }
  const runtime::duration interval = std::clamp<runtime::duration>(
      limits_.idle_time / 16, std::chrono::milliseconds(10), std::chrono::minutes(1));
  while (!is_stopping_) {
    co_await stopped_.wait_until(shard_.now() + interval);
    const runtime::steady_time limit = shard_.now() - limits_.idle_time;
    for (member* at = first_; at != nullptr && !is_stopping_;) {
      member* next = at->next;
      at->it.close_if_idle_since(limit);
      at = next;
    }
  }
}

runtime::task<> home::stop() {
  is_stopping_ = true;
  stopped_.notify_all();
  for (member* at = first_; at != nullptr;) {
    member* next = at->next;
    at->it.stop();
    at = next;
  }
  co_return;
}

runtime::task<> home::close_all() {
  for (member* at = first_; at != nullptr;) {
    member* next = at->next;
    at->it.close();
    at = next;
  }
  co_return;
}

}  // namespace barnabas::network::detail
