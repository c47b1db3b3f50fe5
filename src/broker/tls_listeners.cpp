#include "broker/tls_listeners.h"

#include <algorithm>

#include "security/tls_versions.h"

namespace barnabas::broker {
namespace {

// The settings of one listener.
class listener_reader {
 public:
  listener_reader(const setting_reader& in, const std::string& listener)
      : in_(in), prefix_("listener.name." + listener + '.') {
    std::ranges::transform(prefix_, prefix_.begin(), [](char each) {
      return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
    });
  }

  std::string text(std::string_view key) const { return in_.own_text(prefix_, key); }
  // Nothing when it is not set, for passwords.
  std::optional<std::string> word(std::string_view key) const {
    std::string value = text(key);
    return value.empty() ? std::nullopt : std::optional(std::move(value));
  }
  security::tls_store store(const std::string& place, const std::string& inline_text,
                            const std::string& password) const {
    std::string location = text(place);
    const bool is_inline = location.empty() && !text(inline_text).empty();
    return {.setting = is_inline ? inline_text : place,
            .location = std::move(location),
            .content = is_inline ? text(inline_text) : "",
            .password = word(password),
            .password_setting = password};
  }

 private:
  const setting_reader& in_;
  std::string prefix_;
};

security::client_authentication clients_of(const std::string& word) {
  return word == "required"    ? security::client_authentication::required
         : word == "requested" ? security::client_authentication::requested
                               : security::client_authentication::none;
}

}  // namespace

result<security::tls_settings> read_tls_settings(const setting_reader& in,
                                                 const std::string& listener) {
  const listener_reader own(in, listener);
  security::tls_settings tls;
  tls.trust = own.store("ssl.truststore.location", "ssl.truststore.certificates",
                        "ssl.truststore.password");
  tls.certificate =
      own.store("ssl.keystore.location", "ssl.keystore.certificate.chain", "ssl.keystore.password");
  tls.key = {.setting = "ssl.keystore.key", .content = own.text("ssl.keystore.key")};
  tls.key_password = own.word("ssl.key.password");
  tls.cipher_suites = own.text("ssl.cipher.suites");
  tls.verifies_server = false;
  tls.clients = clients_of(own.text("ssl.client.auth"));
  if (!tls.certificate.is_set()) {
    return fail(error_code::invalid_config,
                "listeners: " + listener + " speaks TLS, which needs ssl.keystore.location");
  }
  if (!security::set_versions(tls, own.text("ssl.enabled.protocols"))) {
    return fail(error_code::invalid_config,
                "ssl.enabled.protocols: neither TLSv1.2 nor TLSv1.3 is in " +
                    own.text("ssl.enabled.protocols"));
  }
  return tls;
}

}  // namespace barnabas::broker
