#include "decode/decode_commands.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "base/endian.h"
#include "decode/frame_json.h"
#include "frame/connection.h"
#include "frame/option_checks.h"
#include "frame/output.h"
#include "frame/outside_world.h"
#include "log_dump/record_rows.h"

namespace barnabas::app {
namespace {

constexpr std::int64_t most_bytes = std::int64_t{1} << 30;

struct input_arguments {
  std::string file;
  bool is_hex = false;
};

void add_input_options(CLI::App& command, input_arguments& input) {
  command.add_option("file", input.file, "Where the bytes are; standard input without it")
      ->type_name("FILE");
  command.add_flag("-x,--hex", input.is_hex, "The bytes are hexadecimal digits");
}

std::string standard_input() {
  std::string all;
  std::array<char, 1 << 16> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), stdin)) {
    all.append(part.data(), size);
  }
  return all;
}

outcome<std::string> read_input(const input_arguments& input) {
  std::string bytes;
  if (input.file.empty()) {
    bytes = standard_input();
  } else {
    auto content = files().read_text(input.file, most_bytes);
    if (!content) {
      return fail_with(content.error());
    }
    bytes = std::move(*content);
  }
  return input.is_hex ? from_hex(bytes) : std::move(bytes);
}

// Frames of a connection, which have their lengths before them, or a single one without: where
// lengths do not lead exactly to the end there are none.
std::vector<bytes_view> frames_of(bytes_view bytes) {
  std::vector<bytes_view> frames;
  bytes_view left = bytes;
  while (left.size() >= 4) {
    const auto length = load_big_endian<std::int32_t>(left.data());
    left = left.subspan(4);
    if (length < 0 || static_cast<std::size_t>(length) > left.size()) {
      return {bytes};
    }
    frames.push_back(left.first(static_cast<std::size_t>(length)));
    left = left.subspan(frames.back().size());
  }
  return left.empty() && !frames.empty() ? frames : std::vector<bytes_view>{bytes};
}

template <class Decode>
outcome<> print_frames(const input_arguments& input, Decode decode) {
  const auto content = read_input(input);
  if (!content) {
    return std::unexpected(content.error());
  }
  for (const bytes_view frame : frames_of(as_bytes(*content))) {
    const outcome<std::string> text = decode(frame);
    if (!text) {
      return std::unexpected(text.error());
    }
    standard_out().write(*text + "\n");
  }
  return {};
}

void describe_request(CLI::App& command, input_arguments& arguments) {
  add_input_options(command, arguments);
}

outcome<> decode_request(const input_arguments& arguments) {
  return print_frames(arguments, request_json);
}

void add_version_option(CLI::App& command, std::int16_t& version) {
  command.add_option("version", version, "In which version")
      ->type_name("VERSION")
      ->required()
      ->check(not_negative);
}

struct response_arguments {
  input_arguments input;
  std::string api;
  std::int16_t version = 0;
};

void describe_response(CLI::App& command, response_arguments& arguments) {
  command.add_option("api", arguments.api, "What was asked, as in Fetch or 1")
      ->type_name("API")
      ->required();
  add_version_option(command, arguments.version);
  add_input_options(command, arguments.input);
}

outcome<> decode_response(const response_arguments& arguments) {
  const auto api = find_api(arguments.api);
  if (!api) {
    return std::unexpected(api.error());
  }
  return print_frames(arguments.input, [&](bytes_view frame) {
    return response_json(**api, arguments.version, frame);
  });
}

struct message_arguments {
  input_arguments input;
  std::string name;
  std::int16_t version = 0;
};

void describe_message(CLI::App& command, message_arguments& arguments) {
  command.add_option("name", arguments.name, "Kafka's name, as in OffsetCommitValue")
      ->type_name("NAME")
      ->required();
  add_version_option(command, arguments.version);
  add_input_options(command, arguments.input);
}

outcome<> decode_message(const message_arguments& arguments) {
  const auto content = read_input(arguments.input);
  if (!content) {
    return std::unexpected(content.error());
  }
  const auto text = message_json(arguments.name, arguments.version, as_bytes(*content));
  if (!text) {
    return std::unexpected(text.error());
  }
  standard_out().write(*text + "\n");
  return {};
}

struct records_arguments {
  input_arguments input;
  std::string topic;
  bool is_json = false;
};

void describe_records(CLI::App& command, records_arguments& arguments) {
  add_input_options(command, arguments.input);
  command.add_option("--as", arguments.topic, "Decode the records as this internal topic's")
      ->type_name("TOPIC");
  add_json_option(command, arguments.is_json);
}

outcome<> decode_records(const records_arguments& arguments) {
  const auto content = read_input(arguments.input);
  if (!content) {
    return std::unexpected(content.error());
  }
  record_rows rows(standard_out(), {arguments.topic, 0}, arguments.is_json);
  record::batches batches(as_bytes(*content));
  for (const record::batch_view batch : batches) {
    if (auto added = rows.add(batch); !added) {
      rows.finish();
      return added;
    }
  }
  rows.finish();
  if (batches.failure()) {
    return fail_with(batches.failure()->why, fmt::format("byte {}: ", batches.position()));
  }
  return {};
}

}  // namespace

void add_decode_commands(command_tree& tree) {
  CLI::App& decode = tree.add_group("decode", "Prints bytes of Kafka's protocol as JSON.");
  tree.add(decode, "request", "Requests with their headers, one line each.", describe_request,
           decode_request);
  tree.add(decode, "response", "Responses to an API in a version, one line each.",
           describe_response, decode_response);
  tree.add(decode, "message", "A message by its name, without a header.", describe_message,
           decode_message);
  tree.add(decode, "records", "Record batches, as Produce and Fetch carry them.", describe_records,
           decode_records);
}

}  // namespace barnabas::app
