// What the trials share: a whole broker on a simulated machine, and values that say their number.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "broker/broker.h"
#include "metastore/memory_store.h"
#include "runtime/task.h"

namespace barnabas::trial {

// What outlives the broker's crashes, beside its disk.
struct trial_broker {
  std::vector<broker::property> settings;
  metastore::memory_store store;
  std::vector<std::string> failures;  // "invariant: what was seen"

  void set(const std::string& key, const std::string& value) {
    settings.push_back({key, value, 0});
  }
  // On a machine of the name "broker", with `partitions` partitions a topic.
  void set_usual(int partitions);
};

runtime::task<> serve(runtime::world& world, trial_broker& it);

// -1 when it begins with none.
int number_in(bytes_view value);

}  // namespace barnabas::trial
