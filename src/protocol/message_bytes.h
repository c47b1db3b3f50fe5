// Whole messages from and to bytes, without records outside of memory: a request or a response with
// its header is two of them, one after the other.
#pragma once

#include <fmt/format.h>

#include <vector>

#include "base/ensure.h"
#include "base/result.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace barnabas::protocol {

// Reads a message that takes all of `bytes`; it is valid as long as they are. invalid_request names
// what was wrong.
template <class Message>
result<Message> from_bytes(bytes_view bytes, std::int16_t version) {
  Message message;
  reader in(bytes);
  if (!message.read(in, version)) {
    return fail(error_code::invalid_request, in.error_text());
  }
  if (in.remaining() > 0) {
    return fail(error_code::invalid_request,
                fmt::format("{} bytes behind the last field", in.remaining()));
  }
  return message;
}

// Appends the message. unsupported_version when it has a value that the version cannot carry; `to`
// is then as it was.
template <class Message>
result<> append_bytes(std::vector<std::byte>& to, const Message& message, std::int16_t version) {
  const std::size_t before = to.size();
  to.resize(before + message.encoded_size(version));
  writer out(mutable_bytes(to).subspan(before));
  if (!message.write(out, version)) {
    to.resize(before);
    return fail(error_code::unsupported_version, out.error_text());
  }
  ensure(out.is_full(), "a message smaller than its encoded_size");
  return {};
}

template <class Message>
result<std::vector<std::byte>> to_bytes(const Message& message, std::int16_t version) {
  std::vector<std::byte> bytes;
  if (auto done = append_bytes(bytes, message, version); !done) {
    return std::unexpected(std::move(done.error()));
  }
  return bytes;
}

}  // namespace barnabas::protocol
