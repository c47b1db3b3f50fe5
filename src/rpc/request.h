// A request on its way: the encoded frame, and payloads that are not copied into it (the batches of
// a Produce), which the caller keeps until the call has ended.
//
//   frame  = length:int32 header message
//   header = api_key:int16 version:int16 correlation_id:int32 client_id:nullable_string [tags]
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/api_keys.h"
#include "protocol/message_bytes.h"
#include "protocol/writer.h"

namespace barnabas::rpc {

// In pieces.
using payload = std::span<const bytes_view>;

struct request {
  protocol::api_key key{};
  std::int16_t version = 0;
  std::vector<std::byte> bytes;  // with room for the length and the correlation id
  std::vector<protocol::splice> splices;
  std::span<const payload> payloads;  // by slot

  std::size_t frame_bytes() const;
  void set_correlation_id(std::int32_t id);
  // The pieces of the frame in order, added to `parts`.
  void add_parts(std::vector<bytes_view>& parts) const;
};

// A request whose bytes end with its header.
request begin_request(protocol::api_key key, std::int16_t version, const std::string& client_id);
// Once the message is there.
void finish_request(request& it);

template <class Message>
result<request> encode_request(const Message& message, std::int16_t version,
                               const std::string& client_id,
                               std::span<const payload> payloads = {}) {
  request it = begin_request(Message::api, version, client_id);
  it.payloads = payloads;
  std::size_t external = 0;
  if constexpr (requires { message.external_size(); }) {
    external = message.external_size();
  }
  const std::size_t before = it.bytes.size();
  it.bytes.resize(before + message.encoded_size(version) - external);
  protocol::writer out(mutable_bytes(it.bytes).subspan(before));
  if (!message.write(out, version)) {
    return fail(error_code::unsupported_version, out.error_text());
  }
  it.splices.assign(out.splices().begin(), out.splices().end());
  for (protocol::splice& splice : it.splices) {
    splice.position += before;
  }
  finish_request(it);
  return it;
}

}  // namespace barnabas::rpc
