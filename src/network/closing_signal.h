// Tells those who wait on behalf of a connection (a Fetch for more data, a Produce for its commit)
// that it closes, so that they end early. One a connection, on its shard; it outlives every watch
// on it.
//
//   closing_watch watch(connection.closing(), my_condition);
//   while (!enough() && !connection.closing().is_set()) co_await my_condition.wait_until(deadline);
#pragma once

#include "runtime/wait.h"

namespace barnabas::network {

class closing_watch;

class closing_signal {
 public:
  closing_signal() = default;
  closing_signal(const closing_signal&) = delete;
  closing_signal& operator=(const closing_signal&) = delete;
  ~closing_signal();

  // Notifies every watched condition, now and once.
  void set();
  bool is_set() const { return is_set_; }

 private:
  friend class closing_watch;
  bool is_set_ = false;
  closing_watch* first_ = nullptr;
};

class closing_watch {
 public:
  closing_watch(closing_signal& signal, runtime::condition& condition);
  closing_watch(const closing_watch&) = delete;
  closing_watch& operator=(const closing_watch&) = delete;
  ~closing_watch();

 private:
  friend class closing_signal;
  closing_signal& signal_;
  runtime::condition& condition_;
  closing_watch* next_ = nullptr;
  closing_watch* previous_ = nullptr;
};

}  // namespace barnabas::network
