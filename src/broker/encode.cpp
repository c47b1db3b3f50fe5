#include "broker/encode.h"

#include <fmt/format.h>

#include <limits>

#include "base/endian.h"
#include "base/log.h"

namespace barnabas::broker::detail {

std::size_t begin_reply(reply& to, const request& request, std::size_t body_bytes,
                        std::size_t external_bytes) {
  const int header_version = protocol::api_of(request.key).response_header_version(request.version);
  const std::size_t header_bytes = header_version == 0 ? 4 : 5;
  const std::size_t length = header_bytes + body_bytes + external_bytes;
  ensure(length <= std::numeric_limits<std::int32_t>::max(), "a response over 2 GiB");
  to.bytes.resize(4 + header_bytes + body_bytes);
  store_big_endian(to.bytes.data(), static_cast<std::int32_t>(length));
  store_big_endian(to.bytes.data() + 4, request.correlation_id);
  if (header_version != 0) {
    to.bytes[8] = std::byte{0};  // no tags
  }
  return 4 + header_bytes;
}

void insert_slices(reply& to, std::size_t body_position, const protocol::writer& out,
                   std::span<runtime::file_slice> slices) {
  to.insertions.reserve(out.splices().size());
  for (const protocol::splice& splice : out.splices()) {
    ensure(splice.slot < slices.size(), "a response names a slice that is not there");
    runtime::file_slice& slice = slices[splice.slot];
    ensure(slice.length == static_cast<std::int64_t>(splice.size_bytes), "a slice of another size");
    to.insertions.push_back({body_position + splice.position, std::move(slice)});
  }
}

reply unwritable(const request& request, const std::string& why) {
  log(log_level::error, "broker", "a response cannot be written",
      {field("api", protocol::api_of(request.key).name), field("version", request.version),
       field("peer", request.connection->peer), field("error", why)});
  reply out;
  out.close_connection = true;
  return out;
}

}  // namespace barnabas::broker::detail
