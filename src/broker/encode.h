// Encodes a response into the frame that leaves: length, header (version by API, KIP-482) and body
// in one allocation of the exact size. External records (protocol/records.h) become insertions:
// slices[slot].
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/ensure.h"
#include "broker/reply.h"
#include "broker/request.h"
#include "protocol/writer.h"
#include "runtime/file_system.h"

namespace barnabas::broker {

namespace detail {

// Room for length, header and a body of body_bytes, the first two written; `external_bytes` are
// counted into the length but have no room. Returns where the body begins.
std::size_t begin_reply(reply& to, const request& request, std::size_t body_bytes,
                        std::size_t external_bytes);
void insert_slices(reply& to, std::size_t body_position, const protocol::writer& out,
                   std::span<runtime::file_slice> slices);
// A field that this version cannot say is our own mistake; the client gets a closed connection, not
// a wrong answer.
reply unwritable(const request& request, const std::string& why);

template <class Message>
std::size_t external_bytes(const Message& message) {
  if constexpr (requires { message.external_size(); }) {
    return message.external_size();
  } else {
    return 0;
  }
}

}  // namespace detail

// `slices` are what the message's external records name by slot, each of the size that they say;
// they are moved from.
template <class Message>
reply encode_reply(const request& request, const Message& message,
                   std::span<runtime::file_slice> slices = {}) {
  const std::size_t external = detail::external_bytes(message);
  const std::size_t body = message.encoded_size(request.version) - external;
  reply out;
  const std::size_t position = detail::begin_reply(out, request, body, external);
  protocol::writer writer(mutable_bytes(out.bytes).subspan(position));
  if (!message.write(writer, request.version)) {
    return detail::unwritable(request, writer.error_text());
  }
  ensure(writer.is_full(), "a response smaller than its encoded_size");
  detail::insert_slices(out, position, writer, slices);
  return out;
}

}  // namespace barnabas::broker
