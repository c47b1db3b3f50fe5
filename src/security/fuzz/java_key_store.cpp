// Any bytes behind the magic number: a store or an error, and no more certificates than bytes.
#include "security/java_key_store.h"

#include <cstdint>

#include "base/ensure.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace barnabas;
  const std::string bytes =
      "\xFE\xED\xFE\xED" + std::string(reinterpret_cast<const char*>(data), size);
  const auto store = security::read_java_key_store(bytes, std::nullopt);
  if (!store) {
    ensure(!store.error().message.empty(), "an error says what was wrong");
    return 0;
  }
  std::size_t held = 0;
  for (const auto& certificate : store->trusted) {
    held += certificate.size();
  }
  for (const auto& entry : store->keys) {
    held += entry.encrypted_key.size();
    for (const auto& certificate : entry.chain) {
      held += certificate.size();
    }
    static_cast<void>(security::decrypt_java_key(entry.encrypted_key, "secret"));
  }
  ensure(held <= bytes.size(), "nothing comes from nowhere");
  return 0;
}
