#include "log_dump/log_commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "frame/connection.h"
#include "frame/interruption.h"
#include "frame/outside_world.h"
#include "frame/table.h"
#include "log_dump/segment_dump.h"
#include "log_dump/side_files.h"
#include "storage/log_directory_name.h"
#include "storage/log_file_names.h"

namespace barnabas::app {
namespace {

struct dump_arguments {
  std::vector<std::string> paths;
  dump_choice choice;
  std::string topic;
};

void describe_dump(CLI::App& command, dump_arguments& arguments) {
  command
      .add_option("path", arguments.paths, "Files; of a partition's folder, its segments in order")
      ->type_name("FILE")
      ->required();
  command.add_flag("-r,--records", arguments.choice.shows_records,
                   "Each record of a segment, not only its batches");
  command
      .add_option("--as", arguments.topic,
                  "Decode records as this internal topic's, whatever the folder is called")
      ->type_name("TOPIC");
  add_json_option(command, arguments.choice.is_json);
  command.footer(
      "It knows .log, .index, .timeindex, .txnindex and .snapshot files, leader-epoch-checkpoint\n"
      "and the other checkpoints, meta.properties and partition.metadata; also with .deleted,\n"
      ".cleaned or .swap behind. Records of __consumer_offsets, __transaction_state and\n"
      "__share_group_state are decoded. The files are only read; a broker may be running.");
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

std::string_view without_last_part(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// What the folder's name says; no topic when it says nothing.
topic_partition partition_of(std::string_view folder, const std::string& topic) {
  const auto name = storage::parse_folder_name(last_part(folder));
  topic_partition partition = name ? name->partition : topic_partition{};
  if (!topic.empty()) {
    partition.topic = topic;
  }
  return partition;
}

std::string_view without_marks(std::string_view name) {
  for (const std::string_view mark :
       {storage::suffix::deleted, storage::suffix::cleaned, storage::suffix::swap}) {
    if (name.ends_with(mark)) {
      name.remove_suffix(mark.size());
    }
  }
  return name;
}

// Said before each file where there may be several.
void print_title(const std::string& path) {
  const paint bold = standard_output().paint(colour::bold);
  standard_out().write(fmt::format("{}{}{}\n", bold.on, path, bold.off));
}

outcome<> dump_file(const std::string& path, const dump_arguments& arguments) {
  const std::string_view name = without_marks(last_part(path));
  if (name.ends_with(storage::suffix::log)) {
    return dump_segment(path, partition_of(without_last_part(path), arguments.topic),
                        arguments.choice);
  }
  if (is_side_file(name)) {
    return dump_side_file(path, name, arguments.choice.is_json);
  }
  return wrong_usage(path + ": nothing is known of such files",
                     "barnabas log dump --help says which ones can be read.");
}

outcome<> dump_folder(const std::string& folder, const dump_arguments& arguments,
                      const std::vector<runtime::directory_entry>& entries) {
  std::vector<std::string> segments;
  for (const runtime::directory_entry& entry : entries) {
    if (!entry.is_directory && entry.name.ends_with(storage::suffix::log)) {
      segments.push_back(folder + "/" + entry.name);
    }
  }
  if (segments.empty()) {
    return not_found(folder + ": there are no segments",
                     "A partition's folder is called TOPIC-PARTITION, as in data/letters-0.");
  }
  std::ranges::sort(segments);
  for (const std::string& segment : segments) {
    if (!arguments.choice.is_json) {
      print_title(segment);
    }
    if (auto dumped = dump_file(segment, arguments); !dumped || is_interrupted()) {
      return dumped;
    }
  }
  return {};
}

outcome<> dump(const dump_arguments& arguments) {
  watch_for_interruption();
  for (std::string path : arguments.paths) {
    while (path.size() > 1 && path.ends_with('/')) {
      path.pop_back();
    }
    const auto entries = files().list(path);
    if (!entries && arguments.paths.size() > 1 && !arguments.choice.is_json) {
      print_title(path);
    }
    auto dumped = entries ? dump_folder(path, arguments, *entries) : dump_file(path, arguments);
    if (!dumped) {
      return dumped;
    }
  }
  return {};
}

}  // namespace

void add_log_commands(command_tree& tree) {
  CLI::App& log = tree.add_group("log", "Looks into the files of a log directory.");
  tree.add(log, "dump", "Shows what stands in segments, indexes, snapshots and checkpoints.",
           describe_dump, dump);
}

}  // namespace barnabas::app
