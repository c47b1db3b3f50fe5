// Prints a message as JSON with Kafka's field names and conventions: those of Kafka's own JSON
// converters. Fields that the version lacks and tagged fields with their default are left out,
// uuids are their 22 characters, bytes are base64 (RFC 4648 section 4), and records print as an
// empty string: their content is not part of the message.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/description.h"

namespace barnabas::protocol {

std::string to_json(const struct_description& description, const void* structure,
                    std::int16_t version);

template <class Message>
std::string to_json(const Message& message, std::int16_t version) {
  return to_json(Message::description, &message, version);
}

}  // namespace barnabas::protocol
