// A store in memory, for tests and simulations. It is owned by the test and survives the brokers
// that use it; a session ends with its object. All of its callers run on one thread; answers come
// through the event loop.
#pragma once

#include <cstdint>
#include <memory>

#include "metastore/store.h"

namespace barnabas::metastore {

class memory_store final : public store {
 public:
  memory_store();
  ~memory_store() override;

  runtime::task<store_result<std::unique_ptr<session>>> connect(runtime::duration timeout) override;

  // Ends a session as a server does that has not heard of its client for too long.
  void expire(std::int64_t session_id);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace barnabas::metastore
