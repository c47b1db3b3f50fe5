// The file with named clusters, ~/.config/barnabas/clusters:
//   file    = line*
//   line    = "#" comment | "[" cluster "]" | setting "=" value | "default" "=" cluster
// Settings before the first cluster hold for all of them. `default`, which stands there too, is the
// cluster where none is asked for.
#pragma once

#include <barnabas/settings.h>

#include <map>
#include <string>
#include <string_view>

#include "frame/failure.h"

namespace barnabas::app {

struct clusters_file {
  kafka::settings for_all;
  std::string default_cluster;
  std::map<std::string, kafka::settings> clusters;
};

// The failure names `path` and the line.
outcome<clusters_file> parse_clusters(std::string_view text, std::string_view path);

// $BARNABAS_CLUSTERS, else barnabas/clusters in $XDG_CONFIG_HOME, else in ~/.config.
std::string clusters_path();

}  // namespace barnabas::app
