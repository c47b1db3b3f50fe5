#include "decode/frame_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.h"
#include "frame/human_units.h"
#include "protocol/json.h"
#include "protocol/message_type.h"

namespace barnabas::app {
namespace {

std::unexpected<failure> broken(std::string message) {
  return std::unexpected(failure{exit_code::failed, std::move(message),
                                 "Are these the bytes of that message, without anything before?"});
}

// Reads a message from the front of what is left.
outcome<std::string> take_message(const std::string& name, std::int16_t version,
                                  protocol::reader& in) {
  const protocol::message_type* type = protocol::find_message_type(name);
  if (type == nullptr) {
    return not_found("there is no message " + name, "Names are Kafka's, as in FetchRequest.");
  }
  if (version < type->lowest_version || version > type->highest_version) {
    return wrong_usage(fmt::format("{} has versions {} to {}, not {}", name, type->lowest_version,
                                   type->highest_version, version));
  }
  protocol::any_message message(*type);
  if (!message.read(in, version)) {
    return broken(fmt::format("{} {}: {}", name, version, in.error_text()));
  }
  return protocol::to_json(*type->description, message.get(), version);
}

outcome<> at_end(const protocol::reader& in) {
  return in.remaining() == 0
             ? outcome<>()
             : broken(fmt::format("{} bytes behind the last field", in.remaining()));
}

outcome<std::string> frame_json(const protocol::api& api, std::int16_t version,
                                const std::string& header_name, std::int16_t header_version,
                                const std::string& body_name, bytes_view frame) {
  protocol::reader in(frame);
  const auto header = take_message(header_name, header_version, in);
  if (!header) {
    return header;
  }
  const auto body = take_message(body_name, version, in);
  if (!body) {
    return body;
  }
  if (const auto end = at_end(in); !end) {
    return std::unexpected(end.error());
  }
  return fmt::format(R"({{"api":"{}","version":{},"header":{},"body":{}}})", api.name, version,
                     *header, *body);
}

bool is_same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

}  // namespace

outcome<std::string> request_json(bytes_view frame) {
  if (frame.size() < 4) {
    return broken("a request begins with its api key and version, which are four bytes");
  }
  const auto key = load_big_endian<std::int16_t>(frame.data());
  const auto version = load_big_endian<std::int16_t>(frame.data() + 2);
  const protocol::api* api = protocol::find_api(key);
  if (api == nullptr || !api->has(version)) {
    return broken(api == nullptr ? fmt::format("there is no api {}", key)
                                 : fmt::format("{} has no version {}", api->name, version));
  }
  return frame_json(*api, version, "RequestHeader", api->request_header_version(version),
                    std::string(api->name) + "Request", frame);
}

outcome<std::string> response_json(const protocol::api& api, std::int16_t version,
                                   bytes_view frame) {
  return frame_json(api, version, "ResponseHeader", api.response_header_version(version),
                    std::string(api.name) + "Response", frame);
}

outcome<std::string> message_json(const std::string& name, std::int16_t version, bytes_view bytes) {
  protocol::reader in(bytes);
  auto message = take_message(name, version, in);
  if (!message) {
    return message;
  }
  const auto end = at_end(in);
  return end ? std::move(message) : std::unexpected(end.error());
}

outcome<const protocol::api*> find_api(std::string_view text) {
  const auto key = parse_number(text);
  const auto found = std::ranges::find_if(protocol::apis(), [&](const protocol::api& api) {
    return key ? static_cast<std::int64_t>(api.key) == *key : is_same_word(api.name, text);
  });
  if (found == protocol::apis().end()) {
    return not_found(fmt::format("there is no api {}", text), "As in Fetch, or its key 1.");
  }
  return &*found;
}

outcome<std::string> from_hex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (std::string_view(" \t\r\n:").contains(c)) {
      continue;
    }
    if (c == '0' && high < 0 && i + 1 < text.size() && (text[i + 1] | 0x20) == 'x') {
      ++i;
      continue;
    }
    const std::size_t digit = std::string_view("0123456789abcdef")
                                  .find(static_cast<char>(c >= 'A' && c <= 'F' ? c | 0x20 : c));
    if (digit == std::string_view::npos) {
      return wrong_usage(
          fmt::format("\"{}\" at character {} is no hexadecimal digit", text.substr(i, 1), i + 1));
    }
    if (high >= 0) {
      bytes += static_cast<char>(high << 4 | static_cast<int>(digit));
    }
    high = high >= 0 ? -1 : static_cast<int>(digit);
  }
  return high < 0 ? outcome<std::string>(std::move(bytes))
                  : wrong_usage("there is half a byte at the end of the hexadecimal digits");
}

}  // namespace barnabas::app
