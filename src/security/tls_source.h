// Gives new connections their context, and makes it again when a file that it was made of has
// changed, so that certificates are replaced while the process runs. Lives on one shard.
#pragma once

#include <optional>

#include "runtime/task.h"
#include "security/tls_context.h"

namespace barnabas::security {

class tls_source {
 public:
  tls_source(runtime::file_system& files, tls_role role, tls_settings settings)
      : files_(files), role_(role), settings_(std::move(settings)) {}

  // Reads the files. When what they say now cannot be used (half of a new pair is there), the last
  // context that could be is given, and the log says why.
  runtime::task<result<tls_context>> current();

 private:
  runtime::file_system& files_;
  tls_role role_;
  tls_settings settings_;
  tls_settings loaded_;  // what context_ was made of
  std::optional<tls_context> context_;
};

}  // namespace barnabas::security
