#include "trial_broker.h"

#include <charconv>

#include "runtime/wait.h"

namespace barnabas::trial {

void trial_broker::set_usual(int partitions) {
  set("log.dirs", "/data/a");
  set("listeners", "PLAINTEXT://:9092");
  set("advertised.listeners", "PLAINTEXT://broker:9092");
  set("num.partitions", std::to_string(partitions));
}

runtime::task<> serve(runtime::world& world, trial_broker& it) {
  broker::config_remarks remarks;
  auto config = broker::make_server_config(it.settings, remarks);
  if (!config) {
    it.failures.push_back("settings: " + config.error().message);
    co_return;
  }
  broker::broker server(world, std::move(*config), &it.store);
  if (auto started = co_await server.start(); !started) {
    it.failures.push_back("restart_always_succeeds: " + started.error().message);
  }
  co_await runtime::sleep_for(std::chrono::hours(1));
}

int number_in(bytes_view value) {
  int number = -1;
  const std::string_view text = as_text(value);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace barnabas::trial
