// What the handlers of all APIs need, for the API table and the wiring only: a handler itself takes just the services
// that it uses. Filled by the broker before it listens; everything outlives the sessions.
#pragma once

namespace barnabas::broker {

class api_table;

struct services {
  const api_table* apis = nullptr;
};

}  // namespace barnabas::broker
