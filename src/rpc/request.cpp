#include "rpc/request.h"

#include "base/endian.h"
#include "protocol/messages/request_header.h"

namespace barnabas::rpc {
namespace {

constexpr std::size_t length_bytes = 4;
constexpr std::size_t correlation_id_at = length_bytes + 4;

}  // namespace

request begin_request(protocol::api_key key, std::int16_t version, const std::string& client_id) {
  protocol::request_header header;
  header.request_api_key = static_cast<std::int16_t>(key);
  header.request_api_version = version;
  header.client_id = client_id;
  request it{.key = key, .version = version};
  it.bytes.resize(length_bytes);
  const auto done = protocol::append_bytes(it.bytes, header,
                                           protocol::api_of(key).request_header_version(version));
  ensure(done.has_value(), "a request header can be written");
  return it;
}

std::size_t request::frame_bytes() const {
  std::size_t all = bytes.size();
  for (const protocol::splice& splice : splices) {
    all += splice.size_bytes;
  }
  return all;
}

void finish_request(request& it) {
  store_big_endian(it.bytes.data(), static_cast<std::int32_t>(it.frame_bytes() - length_bytes));
}

void request::set_correlation_id(std::int32_t id) {
  store_big_endian(bytes.data() + correlation_id_at, id);
}

void request::add_parts(std::vector<bytes_view>& parts) const {
  const bytes_view all = bytes;
  std::size_t written = 0;
  for (const protocol::splice& splice : splices) {
    parts.push_back(all.subspan(written, splice.position - written));
    const payload pieces = payloads[splice.slot];
    parts.insert(parts.end(), pieces.begin(), pieces.end());
    written = splice.position;
  }
  parts.push_back(all.subspan(written));
}

}  // namespace barnabas::rpc
