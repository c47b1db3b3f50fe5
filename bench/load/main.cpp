// The load generator: one thread, prebuilt requests, record bytes dropped in the kernel.
//   bench_load create|delete|produce|fetch|first|commit|join|heartbeat|fill|alter key=value...
#include <array>
#include <string_view>

#include "bench/event_loop.h"
#include "bench/load/commands.h"

int main(int count, char** arguments) {
  using namespace barnabas::bench;
  struct command {
    std::string_view name;
    void (*run)(const options&);
  };
  constexpr std::array<command, 10> commands{{{"create", run_create},
                                              {"delete", run_delete},
                                              {"produce", run_produce},
                                              {"fetch", run_fetch},
                                              {"first", run_first},
                                              {"commit", run_commit},
                                              {"join", run_join},
                                              {"heartbeat", run_heartbeat},
                                              {"fill", run_fill},
                                              {"alter", run_alter}}};
  for (const command& each : commands) {
    if (count > 1 && each.name == arguments[1]) {
      each.run(options(count - 2, arguments + 2));
      return 0;
    }
  }
  die("usage: bench_load COMMAND key=value..., see commands.h");
}
