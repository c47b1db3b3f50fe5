#include "security/tls_source.h"

#include "base/log.h"
#include "runtime/shard.h"

namespace barnabas::security {

runtime::task<result<tls_context>> tls_source::current() {
  auto loaded = co_await runtime::blocking([this] { return load_tls_files(files_, settings_); });
  if (loaded && context_ && *loaded == loaded_) {
    co_return *context_;
  }
  auto made = loaded ? tls_context::make(role_, *loaded, runtime::shard::current().wall_clock_ms())
                     : result<tls_context>(fail(loaded.error()));
  if (!made) {
    if (context_) {
      log(log_level::warn, "security", "new TLS files are not used",
          {field("reason", made.error().message)});
      co_return *context_;
    }
    co_return fail(std::move(made.error()));
  }
  loaded_ = std::move(*loaded);
  context_ = *made;
  co_return *context_;
}

}  // namespace barnabas::security
