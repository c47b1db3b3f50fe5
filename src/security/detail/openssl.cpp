#include "security/detail/openssl.h"

namespace barnabas::security::detail {

bio_ptr reader_of(std::string_view text) {
  return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string last_words() {
  const char* reason = nullptr;
  while (const auto code = ERR_get_error()) {
    if (const char* const words = ERR_reason_error_string(code)) {
      reason = words;
    }
  }
  return reason == nullptr ? "OpenSSL gives no reason" : reason;
}

std::string name_of(const X509_NAME* name) {
  const bio_ptr out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const auto length = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace barnabas::security::detail
