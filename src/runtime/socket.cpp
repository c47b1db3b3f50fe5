#include "runtime/socket.h"

namespace barnabas::runtime {

std::string endpoint::to_string() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

}  // namespace barnabas::runtime
