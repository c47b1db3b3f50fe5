// Makes a topic, changes one of its settings, describes and deletes it.
//   admin_topics HOST:PORT TOPIC
#include <barnabas/admin.h>

#include <iostream>

using namespace barnabas::kafka;

template <class Outcome>
bool is_good(const Outcome& all) {
  if (!all) {
    std::cerr << all.error().message << '\n';
    return false;
  }
  for (const auto& [name, one] : *all) {
    if (!one) {
      std::cerr << one.error().message << '\n';
      return false;
    }
  }
  return true;
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::string topic = arguments[2];
  const resource settings_of_topic{resource_type::topic, topic};
  admin castle({{"bootstrap.servers", arguments[1]}});
  if (!is_good(castle.create_topics({{.name = topic, .partitions = 3}})) ||
      !is_good(castle.alter_configs({{settings_of_topic, {{"retention.ms", "60000"}}}}))) {
    return 1;
  }
  const auto described = castle.describe_topics({topic});
  const auto configs = castle.describe_configs({settings_of_topic});
  if (!is_good(described) || !is_good(configs)) {
    return 1;
  }
  std::cout << topic << " has " << described->at(topic)->partitions.size() << " partitions\n";
  for (const config_entry& each : *configs->at(settings_of_topic)) {
    if (!each.is_default) std::cout << each.name << '=' << each.value.value_or("") << '\n';
  }
  return is_good(castle.delete_topics({topic})) ? 0 : 1;
}
