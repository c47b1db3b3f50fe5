#include "frame/usage_advice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace barnabas::app {
namespace {

struct habit {
  std::string_view option;
  std::string_view advice;
};
constexpr std::string_view topics = "Topics stand without a flag, as in `barnabas consume TOPIC`.";
constexpr std::string_view brokers = "-b HOST:PORT says where the brokers are.";
constexpr std::string_view files = "-F FILE reads settings of the client, -X NAME=VALUE is one.";
constexpr std::string_view modes =
    "kcat's modes are commands: `barnabas consume`, `produce`, `topic list`, `topic offsets`.";
constexpr std::array habits{
    habit{"-t", topics},
    habit{"--topic", topics},
    habit{"--bootstrap-server", brokers},
    habit{"--broker-list", brokers},
    habit{"--command-config", files},
    habit{"--consumer.config", files},
    habit{"--producer.config", files},
    habit{"--from-beginning", "That is so without a flag; -o end begins at the end."},
    habit{"--max-messages", "-c N stops after so many records."},
    habit{"--group", "Groups stand without a flag, as in `barnabas group describe GROUP`."},
    habit{"-G", "-g GROUP reads as a member of a group; topics stand without a flag."},
    habit{"--replication-factor", "-r N says how many replicas a partition has."},
    habit{"--config", "-s NAME=VALUE sets a setting of a topic."},
    habit{"--add-config", "`barnabas config set TYPE NAME SETTING=VALUE` does that."},
    habit{"--delete-config", "`barnabas config unset TYPE NAME SETTING` does that."},
    habit{"-C", modes},
    habit{"-P", modes},
    habit{"-L", modes},
    habit{"-Q", modes},
};

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (at > 0 && text[at - 1] == ' ' && (end == text.size() || text[end] == ' ')) {
      return true;
    }
  }
  return false;
}

failure names_commands_of(const CLI::App& above, std::string trouble) {
  std::vector<std::string> names;
  for (const CLI::App* const each : above.get_subcommands(nullptr)) {
    names.push_back(each->get_name());
  }
  return {exit_code::wrong_usage, std::move(trouble),
          fmt::format("There are {}.", fmt::join(names, ", "))};
}

}  // namespace

std::optional<failure> unknown_command(const CLI::App& root, std::span<char* const> words) {
  const CLI::App* above = &root;
  for (const std::string_view word : words) {
    if (above->get_require_subcommand_min() == 0 || word.starts_with('-')) {
      return std::nullopt;
    }
    const auto below_it = above->get_subcommands(nullptr);
    const auto below = std::ranges::find(
        below_it, word, [](const CLI::App* each) { return std::string_view(each->get_name()); });
    if (below == below_it.end()) {
      return names_commands_of(*above,
                               fmt::format("there is no command {} {}", above->get_name(), word));
    }
    above = *below;
  }
  return above->get_require_subcommand_min() == 0
             ? std::nullopt
             : std::optional(names_commands_of(*above, above->get_name() + " needs a command"));
}

std::string_view usage_advice(std::string_view trouble) {
  for (const auto& [option, advice] : habits) {
    if (has_word(trouble, option)) {
      return advice;
    }
  }
  return {};
}

}  // namespace barnabas::app
