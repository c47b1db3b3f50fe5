// Whether the files that a client's TLS settings name can be used now, so that a wrong password or
// a missing file is an error of open() and not of each attempt to connect.
#pragma once

#include "client/configuration.h"

namespace barnabas::client {

// On the I/O thread of the library, which waits for files elsewhere.
result<> check_files(const cluster_configuration& settings);

inline const cluster_configuration& cluster_part(const cluster_configuration& whole) {
  return whole;
}
template <class Configuration>
const cluster_configuration& cluster_part(const Configuration& whole) {
  return whole.cluster;
}

// The configuration, or why its files cannot be used.
template <class Configuration>
result<Configuration> with_usable_files(result<Configuration> made) {
  if (made) {
    if (auto usable = check_files(cluster_part(*made)); !usable) {
      return fail(std::move(usable.error()));
    }
  }
  return made;
}

}  // namespace barnabas::client
