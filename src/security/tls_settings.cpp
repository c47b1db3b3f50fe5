#include "security/tls_settings.h"

#include <algorithm>
#include <array>

namespace barnabas::security {
namespace {

constexpr std::int64_t largest_store_bytes = 16 << 20;
constexpr std::string_view pem_begin = "-----BEGIN ";

// Where distributions of Linux keep what the system trusts.
constexpr std::array<const char*, 5> system_bundles = {
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem", "/etc/ssl/cert.pem"};

result<> load(runtime::file_system& files, tls_store& store) {
  if (store.location.empty()) {
    return {};
  }
  auto content = files.read_text(store.location, largest_store_bytes);
  if (!content) {
    return fail(error_code::invalid_config, store.name() + ": " + content.error().message);
  }
  store.content = std::move(*content);
  return {};
}

// The PEM files of a folder, one after the other in the order of their names.
result<> load_folder(runtime::file_system& files, tls_store& store,
                     const std::vector<runtime::directory_entry>& entries) {
  std::vector<std::string> names;
  for (const runtime::directory_entry& each : entries) {
    if (!each.is_directory) {
      names.push_back(each.name);
    }
  }
  std::ranges::sort(names);
  for (const std::string& name : names) {
    const auto content = files.read_text(store.location + '/' + name, largest_store_bytes);
    if (content && content->contains(pem_begin)) {
      store.content += *content + '\n';
    }
  }
  if (store.content.empty()) {
    return fail(error_code::invalid_config, store.name() + " has no PEM file in it");
  }
  return {};
}

result<> load_trust(runtime::file_system& files, tls_store& trust) {
  if (!trust.is_set()) {
    const auto found =
        std::ranges::find_if(system_bundles, [&](const char* path) { return files.exists(path); });
    if (found == system_bundles.end()) {
      return fail(error_code::invalid_config,
                  "the system has no certificates to trust (none of the usual files, such as " +
                      std::string(system_bundles.front()) + ", is there); set " + trust.setting);
    }
    trust.location = *found;
  }
  if (const auto entries = files.list(trust.location); !trust.location.empty() && entries) {
    return load_folder(files, trust, *entries);
  }
  return load(files, trust);
}

}  // namespace

std::string tls_store::name() const {
  return location.empty() ? setting : setting + '=' + location;
}

result<tls_settings> load_tls_files(runtime::file_system& files, tls_settings settings) {
  const bool needs_trust =
      settings.verifies_server || settings.clients != client_authentication::none;
  result<> loaded =
      needs_trust || settings.trust.is_set() ? load_trust(files, settings.trust) : result<>{};
  for (tls_store* const each : {&settings.revocations, &settings.certificate, &settings.key}) {
    if (loaded) {
      loaded = load(files, *each);
    }
  }
  return loaded ? result<tls_settings>(std::move(settings)) : fail(std::move(loaded.error()));
}

}  // namespace barnabas::security
