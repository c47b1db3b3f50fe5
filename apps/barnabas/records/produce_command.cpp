#include "records/produce_command.h"

#include <barnabas/producer.h>
#include <fmt/format.h>

#include "frame/connection.h"
#include "frame/human_units.h"
#include "frame/interruption.h"
#include "frame/option_checks.h"
#include "frame/outside_world.h"
#include "frame/progress.h"
#include "frame/terminal.h"
#include "records/delivery_log.h"
#include "records/json_record.h"
#include "records/line_source.h"
#include "records/record_format.h"

namespace barnabas::app {
namespace {

constexpr auto patience = std::chrono::minutes(6);  // above delivery.timeout.ms

struct produce_arguments {
  connection_flags connection;
  std::string topic;
  std::vector<std::string> files;
  bool reads_lines = false;
  bool reads_json = false;
  std::string key_delimiter;
  std::string delimiter = "\\n";
  std::string key;
  std::vector<std::string> headers;
  std::int32_t partition = kafka::any_partition;
  std::string compression;
  bool has_nulls = false;
  bool is_verbose = false;
};

void describe_records(CLI::App& command, produce_arguments& arguments) {
  command
      .add_option("-K,--key-delimiter", arguments.key_delimiter,
                  "What stands before this in a line is the key")
      ->type_name("TEXT");
  command.add_option("-D,--delimiter", arguments.delimiter, "What ends a line")
      ->type_name("TEXT")
      ->capture_default_str();
  command.add_option("-k,--key", arguments.key, "Key of all records that have none")
      ->type_name("TEXT");
  command.add_option("-H,--header", arguments.headers, "A header for all records; may come often")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_flag("-Z,--null", arguments.has_nulls, "Empty keys and values are null");
  command.add_flag("-J,--json", arguments.reads_json,
                   "Lines are JSON objects as `consume --json` prints them");
}

void describe_produce(CLI::App& command, produce_arguments& arguments) {
  command.add_option("topic", arguments.topic, "The topic")->type_name("TOPIC")->required();
  command
      .add_option("file", arguments.files,
                  "Files, each of which becomes a record; with -l their lines do. Without any, "
                  "lines of standard input")
      ->type_name("FILE");
  command.add_flag("-l,--lines", arguments.reads_lines, "Records are the lines of the files");
  describe_records(command, arguments);
  command
      .add_option("-p,--partition", arguments.partition,
                  "Partition of all records; else their keys choose")
      ->type_name("N")
      ->check(not_negative);
  command.add_option("-z,--compression", arguments.compression, "Compress batches")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}));
  command.add_flag("-v,--verbose", arguments.is_verbose, "Print where each record went");
  add_connection_options(command, arguments.connection);
  command.footer(
      "TEXT may have the escapes \\n \\r \\t \\0 \\\\ \\xHH. Ctrl-C ends it after what was read "
      "is\n"
      "delivered. Every record is delivered before it ends well.");
}

// What all records of one call have, and where they go.
class record_writer {
 public:
  record_writer(const produce_arguments& arguments, kafka::producer& producer)
      : arguments_(arguments), producer_(producer) {
    for (const std::string& text : arguments.headers) {
      const std::size_t equals = text.find('=');
      headers_.push_back({std::string_view(text).substr(0, equals),
                          equals == std::string::npos
                              ? std::nullopt
                              : std::optional(std::string_view(text).substr(equals + 1))});
    }
  }

  outcome<> write(kafka::new_record record) {
    record.topic = arguments_.topic;
    if (!record.key && !arguments_.key.empty()) {
      record.key = arguments_.key;
    }
    if (record.partition == kafka::any_partition) {
      record.partition = arguments_.partition;
    }
    if (record.headers.empty()) {
      record.headers = headers_;
    }
    if (const auto produced = producer_.produce(record); !produced) {
      return fail_with(produced.error());
    }
    ++records_;
    bytes_ += static_cast<std::int64_t>(record.value.value_or("").size());
    if (shows_progress_) {
      progress_.at(records_, bytes_);
    }
    return {};
  }

 private:
  const produce_arguments& arguments_;
  kafka::producer& producer_;
  std::vector<kafka::header> headers_;
  bool shows_progress_ = !standard_input_is_terminal();
  std::int64_t records_ = 0;
  std::int64_t bytes_ = 0;
  progress progress_;
};

std::optional<std::string_view> null_if_empty(std::string_view text, bool is_asked) {
  return is_asked && text.empty() ? std::nullopt : std::optional(text);
}

kafka::new_record record_of_line(std::string_view line, std::string_view key_delimiter,
                                 bool has_nulls) {
  const std::size_t split =
      key_delimiter.empty() ? std::string_view::npos : line.find(key_delimiter);
  if (split == std::string_view::npos) {
    return {.value = null_if_empty(line, has_nulls)};
  }
  return {.key = null_if_empty(line.substr(0, split), has_nulls),
          .value = null_if_empty(line.substr(split + key_delimiter.size()), has_nulls)};
}

outcome<> write_json(record_writer& writer, std::string_view line, std::int64_t number) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
    return {};
  }
  auto record = json_record::parse(line);
  if (!record) {
    record.error().message = fmt::format("line {}: {}", number, record.error().message);
    return std::unexpected(std::move(record.error()));
  }
  return writer.write(record->record());
}

outcome<> write_lines(const produce_arguments& arguments, line_source& source,
                      std::string_view key_delimiter, record_writer& writer) {
  for (std::int64_t number = 1; !is_interrupted(); ++number) {
    const auto line = source.next();
    if (!line) {
      return std::unexpected(line.error());
    }
    if (!*line || is_interrupted()) {
      return {};
    }
    auto written = arguments.reads_json
                       ? write_json(writer, **line, number)
                       : writer.write(record_of_line(**line, key_delimiter, arguments.has_nulls));
    if (!written) {
      return written;
    }
  }
  return {};
}

outcome<> write_files(const produce_arguments& arguments, record_writer& writer) {
  for (const std::string& path : arguments.files) {
    const auto content = files().read_text(path, std::int64_t{1} << 30);
    if (!content) {
      return fail_with(content.error());
    }
    if (auto written = writer.write({.value = null_if_empty(*content, arguments.has_nulls)});
        !written) {
      return written;
    }
  }
  return {};
}

outcome<> write_all(const produce_arguments& arguments, kafka::producer& producer) {
  const auto delimiter = unescaped(arguments.delimiter);
  const auto key_delimiter = unescaped(arguments.key_delimiter);
  if (!delimiter || !key_delimiter) {
    return std::unexpected(delimiter ? key_delimiter.error() : delimiter.error());
  }
  if (delimiter->empty()) {
    return wrong_usage("-D: something must end a line");
  }
  record_writer writer(arguments, producer);
  if (!arguments.files.empty() && !arguments.reads_lines && !arguments.reads_json) {
    return write_files(arguments, writer);
  }
  const auto source = arguments.files.empty() ? line_source::of_standard_input(*delimiter)
                                              : line_source::of_files(arguments.files, *delimiter);
  return write_lines(arguments, *source, *key_delimiter, writer);
}

outcome<> produce(const produce_arguments& arguments) {
  watch_for_interruption();
  kafka::settings defaults{{"queue.buffering.max.messages", "0"},
                           {"queue.buffering.max.kbytes", "16384"},
                           {"delivery.report.only.error", arguments.is_verbose ? "false" : "true"}};
  auto settings = client_settings(arguments.connection, client_kind::producer, defaults);
  if (!settings) {
    return std::unexpected(settings.error());
  }
  if (!arguments.compression.empty()) {
    (*settings)["compression.type"] = arguments.compression;
  }
  delivery_log deliveries(arguments.is_verbose);
  auto producer = kafka::producer::open(*settings, {.on_delivery = deliveries.listener()});
  if (!producer) {
    return fail_with(producer.error());
  }
  if (arguments.files.empty() && standard_input_is_terminal()) {
    fmt::print(stderr, "Each line becomes a record of {}; Ctrl-D ends.\n", arguments.topic);
  }
  const outcome<> written = write_all(arguments, *producer);
  const auto flushed = producer->flush(patience);
  if (!written) {
    return written;
  }
  return flushed ? deliveries.verdict() : fail_with(flushed.error());
}

}  // namespace

void add_produce_command(command_tree& tree) {
  tree.add(tree.root(), "produce", "Writes lines, JSON or files as records of a topic.",
           describe_produce, produce);
}

}  // namespace barnabas::app
