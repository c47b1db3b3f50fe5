#include "broker/quota/client_quotas.h"

#include <algorithm>

#include "broker/setting_reader.h"

namespace barnabas::broker {
namespace {

// `prefix`.num samples of `prefix`.size.seconds; not more than an hour's and a day's worth, so that
// a meter stays small and its times can be added.
quota_window window_of(const server_config& config, const std::string& prefix) {
  constexpr std::int64_t most_samples = 3'600;
  constexpr std::int64_t most_seconds = 86'400;
  const setting_reader in(broker_settings{.given = &config.values});
  const std::int64_t samples = in.number(prefix + ".num");
  const std::int64_t seconds = in.number(prefix + ".size.seconds");
  return {static_cast<std::size_t>(std::min(samples, most_samples)),
          std::chrono::seconds(std::min(seconds, most_seconds))};
}

}  // namespace

client_quotas::client_quotas(runtime::world& world, const cluster::image_board& images,
                             const server_config& config)
    : images_(images),
      meters_(world, window_of(config, "quota.window")),
      mutations_(window_of(config, "controller.quota.window")),
      connections_(images, window_of(config, "quota.window")) {}

}  // namespace barnabas::broker
