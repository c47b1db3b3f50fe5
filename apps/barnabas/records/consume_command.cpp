#include "records/consume_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "frame/connection.h"
#include "frame/human_units.h"
#include "frame/interruption.h"
#include "frame/option_checks.h"
#include "frame/output.h"
#include "frame/outside_world.h"
#include "frame/progress.h"
#include "frame/terminal.h"
#include "records/group_reader.h"
#include "records/partition_reader.h"
#include "records/record_format.h"
#include "records/topic_partitions.h"

namespace barnabas::app {
namespace {

struct consume_arguments {
  connection_flags connection;
  std::vector<std::string> topics;
  std::vector<std::int32_t> partitions;
  std::string group;
  std::string from = "beginning";
  std::string until;
  bool stops_at_end = false;
  std::int64_t most_records = 0;  // 0: no limit
  std::string format;
  std::string key_delimiter;
  std::string delimiter = "\\n";
  bool shows_null = false;
  bool is_json = false;
};

void describe_consume(CLI::App& command, consume_arguments& arguments) {
  command
      .add_option("topic", arguments.topics,
                  "Topics to read; with --group also ^EXPRESSION, as below")
      ->type_name("TOPIC")
      ->required();
  command
      .add_option("-p,--partition", arguments.partitions, "Only these partitions; may come often")
      ->type_name("N")
      ->delimiter(',')
      ->allow_extra_args(false);
  CLI::Option* partition = command.get_option("--partition");
  command
      .add_option("-g,--group", arguments.group,
                  "Share the topics with the other members of this group, and go on where it was")
      ->type_name("GROUP")
      ->excludes(partition);
  command
      .add_option("-o,--from", arguments.from,
                  "Where to begin: beginning, end, an offset, -N (so many before the end), or "
                  "s@TIME")
      ->type_name("PLACE")
      ->capture_default_str();
  command.add_option("--until", arguments.until, "Stop before the first record as new as this")
      ->type_name("TIME");
  command.add_flag("-e,--stop-at-end", arguments.stops_at_end,
                   "Stop where the partitions ended when reading began");
  command.add_option("-c,--count", arguments.most_records, "Stop after so many records")
      ->type_name("N")
      ->check(above_zero);
  command.add_option("-f,--format", arguments.format, "How to print a record, as below")
      ->type_name("FORMAT");
  command.add_option("-K,--key-delimiter", arguments.key_delimiter, "Print key and this before")
      ->type_name("TEXT");
  command.add_option("-D,--delimiter", arguments.delimiter, "Print this behind each record")
      ->type_name("TEXT")
      ->capture_default_str();
  command.add_flag("-Z,--null", arguments.shows_null, "Print NULL for null, not nothing");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
  command.footer(
      "FORMAT is kcat's: %s value, %S its bytes (-1: null), %R its length as four bytes, %k key,\n"
      "%K its bytes, %T timestamp in ms, %h headers, %t topic, %p partition, %o offset, %% a\n"
      "percent sign, \\n \\r \\t \\0 \\\\ \\xHH bytes.\n"
      "TIME is milliseconds since 1970, 2026-11-25, 2026-11-25T14:54:02 (local; with Z: UTC), or\n"
      "15m, 2h, 7d ago.\n"
      "Without -e, --until or -c it waits for new records until Ctrl-C.\n"
      "With -g a TOPIC that begins with ^ is a regular expression (ECMAScript's, as in\n"
      "'^(orders|bills)-.*'): all topics whose names match it from their beginning on are read, "
      "also\n"
      "those that are made later; internal ones never are. -e then stops when every partition "
      "that\n"
      "the group has given to this member is read up to where it ended when it was given; where "
      "the\n"
      "other members have all partitions it waits for one of them to go.");
}

outcome<reading_choice> choice_of(const consume_arguments& arguments) {
  const auto begin = parse_place(arguments.from, wall_clock_ms());
  if (!begin) {
    return std::unexpected(begin.error());
  }
  reading_choice choice{.begin = *begin, .stops_at_end = arguments.stops_at_end};
  if (!arguments.until.empty()) {
    choice.until_ms = parse_time_ms(arguments.until, wall_clock_ms());
    if (!choice.until_ms) {
      return wrong_usage(fmt::format("--until {}: this is no time", arguments.until),
                         "As in 2026-11-25T14:54:02, 15m (ago), or milliseconds since 1970.");
    }
  }
  return choice;
}

outcome<record_format> format_of(const consume_arguments& arguments) {
  std::string text = arguments.format;
  if (text.empty()) {
    text = (arguments.key_delimiter.empty() ? "" : "%k" + arguments.key_delimiter) + "%s" +
           arguments.delimiter;
  }
  return record_format::parse(text, arguments.shows_null);
}

// Prints records until there is nobody to print for.
class record_printer {
 public:
  record_printer(record_format format, const consume_arguments& arguments)
      : format_(std::move(format)),
        is_json_(arguments.is_json),
        left_(arguments.most_records == 0 ? -1 : arguments.most_records) {}

  bool print(const kafka::record& record) {
    std::string& to = standard_out().buffer();
    if (is_json_) {
      append_record_json(to, record);
    } else {
      format_.append(to, record);
    }
    ++records_;
    bytes_ += static_cast<std::int64_t>(record.value.value_or("").size());
    return --left_ != 0 && standard_out().room();
  }
  bool pause() {
    if (!standard_output().is_terminal) {
      progress_.at(records_, bytes_);
    }
    return standard_out().flush();
  }
  bool has_enough() const { return left_ == 0 || standard_out().is_broken(); }

 private:
  record_format format_;
  bool is_json_;
  std::int64_t left_;  // below 0: no limit
  std::int64_t records_ = 0;
  std::int64_t bytes_ = 0;
  progress progress_;
};

std::unexpected<failure> interrupted() {
  return std::unexpected(
      failure{exit_code::interrupted, "interrupted before there was enough", {}});
}

bool is_expression(const std::string& topic) {
  return topic.starts_with('^');
}

outcome<> consume_partitions(const consume_arguments& arguments, const reading_choice& choice,
                             const kafka::settings& settings, record_printer& printer) {
  if (const auto found = std::ranges::find_if(arguments.topics, is_expression);
      found != arguments.topics.end()) {
    return wrong_usage(*found + ": only groups read topics by a regular expression",
                       "With -g GROUP it does, and goes on the next time where it was.");
  }
  auto reader = kafka::consumer::open(settings);
  if (!reader) {
    return fail_with(reader.error());
  }
  const auto partitions =
      find_partitions(arguments.connection, arguments.topics, arguments.partitions);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  auto ranges = find_ranges(*reader, *partitions, choice);
  if (!ranges) {
    return std::unexpected(ranges.error());
  }
  partition_reader reading(*reader, std::move(*ranges));
  auto read = reading.read([&](const kafka::record& record) { return printer.print(record); },
                           [&] { return printer.pause(); });
  const bool has_goal = choice.stops_at_end || choice.until_ms || arguments.most_records > 0;
  return read && has_goal && !reading.is_done() && !printer.has_enough() ? interrupted() : read;
}

// With -e a topic that is not there would be waited for in vain.
outcome<> find_named_topics(const consume_arguments& arguments) {
  std::vector<std::string> named;
  std::ranges::remove_copy_if(arguments.topics, std::back_inserter(named), is_expression);
  if (!arguments.stops_at_end || named.empty()) {
    return {};
  }
  const auto found = find_partitions(arguments.connection, named);
  return found ? outcome<>() : std::unexpected(found.error());
}

outcome<> consume_as_member(const consume_arguments& arguments, const kafka::settings& settings,
                            record_printer& printer) {
  if (auto found = find_named_topics(arguments); !found) {
    return found;
  }
  group_reader reading(arguments.stops_at_end);
  auto reader = kafka::consumer::open(settings, reading.options());
  if (!reader) {
    return fail_with(reader.error());
  }
  auto read = reading.read(
      *reader, arguments.topics, [&](const kafka::record& record) { return printer.print(record); },
      [&] { return printer.pause(); });
  const bool has_goal = arguments.stops_at_end || arguments.most_records > 0;
  return read && has_goal && !reading.is_done() && !printer.has_enough() ? interrupted() : read;
}

// Settings that the flags come to; a group begins where it has committed nothing as -o says.
outcome<kafka::settings> settings_of(const consume_arguments& arguments,
                                     const reading_choice& choice) {
  kafka::settings defaults{{"max.poll.records", "10000"}};
  const bool is_beginning = choice.begin.what == place::kind::beginning;
  if (!arguments.group.empty()) {
    if ((!is_beginning && choice.begin.what != place::kind::end) || choice.until_ms) {
      return wrong_usage("a group begins at the beginning or the end, or where it was",
                         "`barnabas group reset-offsets` sets where it goes on.");
    }
    defaults["auto.offset.reset"] = is_beginning ? "earliest" : "latest";
  }
  auto settings = client_settings(arguments.connection, client_kind::consumer, defaults);
  if (settings && !arguments.group.empty()) {
    (*settings)["group.id"] = arguments.group;
  }
  return settings;
}

outcome<> consume(const consume_arguments& arguments) {
  watch_for_interruption();
  auto format = format_of(arguments);
  const auto choice = choice_of(arguments);
  if (!format || !choice) {
    return std::unexpected(format ? choice.error() : format.error());
  }
  const auto settings = settings_of(arguments, *choice);
  if (!settings) {
    return std::unexpected(settings.error());
  }
  record_printer printer(std::move(*format), arguments);
  return arguments.group.empty() ? consume_partitions(arguments, *choice, *settings, printer)
                                 : consume_as_member(arguments, *settings, printer);
}

}  // namespace

void add_consume_command(command_tree& tree) {
  tree.add(tree.root(), "consume", "Reads records of topics and prints them.", describe_consume,
           consume);
}

}  // namespace barnabas::app
