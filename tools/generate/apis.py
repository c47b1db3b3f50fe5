"""Writes the table of APIs and the list of all messages."""

HEADER = """\
// Generated from schema/messages. Kafka's APIs: their keys, versions, and the headers before their bodies.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace barnabas::protocol {

enum class api_key : std::int16_t {
%(keys)s
};

// Versions that the messages here know; what a broker advertises is its own affair.
struct api {
  api_key key;
  std::string_view name;  // Kafka's, as in ListOffsets
  std::int16_t lowest_version;
  std::int16_t highest_version;
  std::int16_t first_flexible_version;  // 32767 when there is none

  bool has(std::int16_t version) const {
    return version >= lowest_version && version <= highest_version;
  }
  // Version of the request header before a body of `version`: 0, 1 or 2. ControlledShutdown 0 is the only
  // request without a client id.
  std::int16_t request_header_version(std::int16_t version) const {
    return version >= first_flexible_version ? 2
           : key == api_key::controlled_shutdown && version == 0 ? 0 : 1;
  }
  // Version of the response header, 0 or 1. ApiVersions always answers with 0, since a client may not know
  // yet what the broker speaks (KIP-511).
  std::int16_t response_header_version(std::int16_t version) const {
    return version >= first_flexible_version && key != api_key::api_versions ? 1 : 0;
  }
};

// In the order of their keys.
std::span<const api> apis();
// Null for a key outside the table.
const api* find_api(std::int16_t key);
inline const api& api_of(api_key key) { return *find_api(static_cast<std::int16_t>(key)); }

}  // namespace barnabas::protocol
"""

SOURCE = """\
#include "protocol/api_keys.h"

namespace barnabas::protocol {
namespace {

constexpr api table[] = {
%(rows)s
};

// Where the table has a key; -1 for none.
constexpr std::int8_t places[] = {%(places)s};

}  // namespace

std::span<const api> apis() { return table; }

const api* find_api(std::int16_t key) {
  if (key < 0 || key >= static_cast<std::int16_t>(sizeof places) || places[key] < 0) {
    return nullptr;
  }
  return &table[places[key]];
}

}  // namespace barnabas::protocol
"""

TYPES = """\
#include "protocol/message_type.h"

namespace barnabas::protocol {

%(declarations)s

namespace {

constexpr const message_type* table[] = {
%(rows)s
};

}  // namespace

std::span<const message_type* const> message_types() { return table; }

const message_type* find_message_type(std::string_view name) {
  for (const message_type* type : table) {
    if (type->description->name == name) {
      return type;
    }
  }
  return nullptr;
}

}  // namespace barnabas::protocol
"""


def api_name(message):
    return message.name.removesuffix("_request").removesuffix("_response")


def header_text(requests):
    return HEADER % {"keys": "\n".join(f"  {api_name(message)} = {message.key}," for message in requests)}


def source_text(requests):
    rows = []
    for message in requests:
        low, high = message.versions
        flexible = 32767 if message.flexible_from is None else message.flexible_from
        name = message.json_name.removesuffix("Request")
        rows.append(f'    {{api_key::{api_name(message)}, "{name}", {low}, {high}, {flexible}}},')
    keys = {message.key: place for place, message in enumerate(requests)}
    places = ", ".join(str(keys.get(key, -1)) for key in range(max(keys) + 1))
    return SOURCE % {"rows": "\n".join(rows), "places": places}


def types_text(messages):
    return TYPES % {
        "declarations": "\n".join(f"extern const message_type {message.name}_type;" for message in messages),
        "rows": "\n".join(f"    &{message.name}_type," for message in messages)}
