// What connections of one kind share: keys, certificates, what is trusted and allowed, and the
// sessions that a client may resume. Made from settings whose files are loaded; a copy is the same
// context. A client's context lives on one shard; a server's may be used by all.
#pragma once

#include <memory>

#include "security/tls_settings.h"

namespace barnabas::security {

namespace detail {
struct tls_state;
}  // namespace detail

enum class tls_role : std::uint8_t { client, server };

class tls_context {
 public:
  // Errors (invalid_config) name the setting, the file and what is wrong with it; an own
  // certificate that is not valid at `wall_clock_ms` is refused.
  static result<tls_context> make(tls_role role, const tls_settings& loaded,
                                  std::int64_t wall_clock_ms);

  const std::shared_ptr<detail::tls_state>& state() const { return state_; }

 private:
  explicit tls_context(std::shared_ptr<detail::tls_state> state) : state_(std::move(state)) {}
  std::shared_ptr<detail::tls_state> state_;
};

}  // namespace barnabas::security
