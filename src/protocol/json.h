// Prints a message as JSON with Kafka's field names and conventions: those of Kafka's own JSON
// converters. Fields that the version lacks and tagged fields with their default are left out,
// uuids are their 22 characters, bytes are base64 (RFC 4648 section 4), and records print as an
// empty string: their content is not part of the message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "protocol/description.h"

namespace barnabas::protocol {

// Appends text in quotes, escaped; what is not UTF-8 stays what it is.
void append_json_string(std::string& to, std::string_view text);
// Appends the bytes as base64, without quotes.
void append_base64(std::string& to, bytes_view bytes);

std::string to_json(const struct_description& description, const void* structure,
                    std::int16_t version);

template <class Message>
std::string to_json(const Message& message, std::int16_t version) {
  return to_json(Message::description, &message, version);
}

}  // namespace barnabas::protocol
