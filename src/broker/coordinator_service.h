// What handlers see of the coordinators of one topic: calls to the machine that is responsible for
// a key, as the type that it is. A value, copied into handlers' coroutines.
//
//   auto answer = co_await groups.call<heartbeat_answer>(
//       group_id, [&](group::machine& m, coordinator::moment now, coordinator::effects& out,
//                     coordinator::reply_to<heartbeat_answer> to) { ... },
//       {.deadline = ...});
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "broker/coordinators.h"

namespace barnabas::broker {

template <class Machine>
class coordinator_service {
 public:
  // Of a topic whose machines are all of this type.
  explicit coordinator_service(const coordinators& all) : all_(&all) {}

  // Runs `what` on the shard of the key's machine; returns what it answers. Neither `what` nor its
  // answer may hold on to anything of one shard (coordinators::call, with the errors).
  template <class T, class Call>
  runtime::task<result<T>> call(std::string_view key, Call what, call_terms terms) const {
    return all_->call<T>(key, typed<T>(std::move(what)), terms);
  }
  // The same on every machine that this broker leads; the answers come in no particular order.
  // `what` is copied for each.
  template <class T, class Call>
  runtime::task<std::vector<result<T>>> for_all(Call what, call_terms terms) const {
    return all_->call_all<T>(typed<T>(std::move(what)), terms);
  }

 private:
  template <class T, class Call>
  static auto typed(Call what) {
    return
        [what = std::move(what)](coordinator::machine& machine, coordinator::moment now,
                                 coordinator::effects& out, coordinator::reply_to<T> to) mutable {
          what(static_cast<Machine&>(machine), now, out, std::move(to));
        };
  }

  const coordinators* all_;
};

}  // namespace barnabas::broker
