#include "cluster/image.h"

namespace barnabas::cluster {

const broker_endpoint* broker::endpoint(std::string_view listener) const {
  const auto found = std::ranges::find(endpoints, listener, &broker_endpoint::listener);
  return found == endpoints.end() ? nullptr : &*found;
}

image::image()
    : brokers(std::make_shared<const std::map<std::int32_t, broker>>()),
      broker_configs(std::make_shared<const named_overrides>()),
      group_configs(std::make_shared<const named_overrides>()),
      quotas(std::make_shared<const client_quotas>()) {}

const partition* image::find_partition(std::string_view topic_name, std::int32_t index) const {
  const topic* found = find_topic(topic_name);
  return found ? found->find(index) : nullptr;
}

const broker* image::find_broker(std::int32_t id) const {
  const auto found = brokers->find(id);
  return found == brokers->end() ? nullptr : &found->second;
}

}  // namespace barnabas::cluster
