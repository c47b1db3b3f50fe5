#include "client/usable_files.h"

#include "client/io_thread.h"
#include "runtime/outside.h"
#include "security/tls_source.h"

namespace barnabas::client {
namespace {

runtime::task<result<>> try_files(runtime::world& world, const security::tls_settings& tls) {
  security::tls_source source(world.files(), security::tls_role::client, tls);
  const auto made = co_await source.current();
  co_return made ? result<>{} : fail(made.error());
}

}  // namespace

result<> check_files(const cluster_configuration& settings) {
  for (const auto* const tls : {settings.tls ? &*settings.tls : nullptr,
                                settings.tokens ? &settings.tokens->tls : nullptr}) {
    if (tls == nullptr) {
      continue;
    }
    const auto thread = io_thread();
    auto usable = runtime::wait_for(thread->home(), [&] { return try_files(thread->get(), *tls); });
    if (!usable) {
      return usable;
    }
  }
  return {};
}

}  // namespace barnabas::client
