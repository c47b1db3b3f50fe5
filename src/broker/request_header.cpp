#include "broker/request_header.h"

#include <optional>

#include "base/endian.h"

#include "protocol/reader.h"

namespace barnabas::broker {

result<request_header> read_request_header(bytes_view frame) {
  constexpr bool compact = false;
  protocol::reader in(frame);
  request_header header;
  if (const std::byte* at = in.take(8, "header"); at != nullptr) {
    header.api_key = load_big_endian<std::int16_t>(at);
    header.api_version = load_big_endian<std::int16_t>(at + 2);
    header.correlation_id = load_big_endian<std::int32_t>(at + 4);
  }
  const protocol::api* api = protocol::find_api(header.api_key);
  if (in.ok() && api != nullptr && api->has(header.api_version)) {
    const int version = api->request_header_version(header.api_version);
    std::optional<std::string_view> client_id;
    if (version >= 1) {
      in.nullable_string(client_id, compact, true, "client_id");
    }
    if (version >= 2) {
      in.skip_tags();
    }
    header.client_id = client_id.value_or(std::string_view());
  }
  if (!in.ok()) {
    return fail(error_code::invalid_request, "a malformed request header: " + in.error_text());
  }
  header.size_bytes = in.position();
  return header;
}

}  // namespace barnabas::broker
