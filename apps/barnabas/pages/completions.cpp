#include <fmt/format.h>

#include "pages/pages.h"

namespace barnabas::app {
namespace {

// What stands where values are that the cluster or the disk knows.
constexpr std::string_view topics_command =
    "barnabas topic list --names -X socket.timeout.ms=500 2>/dev/null";
constexpr std::string_view groups_command =
    "barnabas group list --names -X socket.timeout.ms=500 2>/dev/null";

std::vector<const command_facts*> all_of(const command_facts& program) {
  std::vector<const command_facts*> all{&program};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const command_facts& below : all[i]->commands) {
      all.push_back(&below);
    }
  }
  return all;
}

std::string words_of(const command_facts& command) {
  std::string words;
  for (const command_facts& below : command.commands) {
    words += below.name + " ";
  }
  for (const option_facts& option : command.options) {
    for (const std::string& name : option.names) {
      words += name + " ";
    }
  }
  return words + "--help";
}

// What prints the values that there are on the cluster; empty where nothing does.
std::string_view listing_command(const option_facts& option) {
  return option.value_name.starts_with("TOPIC") ? topics_command
         : option.value_name == "GROUP"         ? groups_command
                                                : std::string_view();
}

std::string positional_words(const command_facts& command) {
  std::string words;
  for (const option_facts& option : command.positionals) {
    if (!option.choices.empty()) {
      words += fmt::format(" {}", fmt::join(option.choices, " "));
    } else if (const auto lister = listing_command(option); !lister.empty()) {
      words += fmt::format(" $({})", lister);
    }
  }
  return words;
}

// `'topic create') words='...';;`
void append_bash_words(std::string& script, const command_facts& command) {
  script += fmt::format("    '{}')\n      words='{}'\n", command.path, words_of(command));
  if (const std::string more = positional_words(command); !more.empty()) {
    script += fmt::format("      [[ $current == -* ]] || words=\"{}\"\n", more.substr(1));
  }
  script += "      ;;\n";
}

// After an option that takes a value its choices are the words, or nothing but files.
void append_bash_values(std::string& script, const command_facts& command) {
  for (const option_facts& option : command.options) {
    if (option.value_name.empty()) {
      continue;
    }
    script += "    ";
    std::string_view bar;
    for (const std::string& name : option.names) {
      script += fmt::format("{}'{} {}'", bar, command.path, name);
      bar = "|";
    }
    script += fmt::format(") words='{}';;\n", fmt::join(option.choices, " "));
  }
}

std::string known_paths(const command_facts& program) {
  std::string paths;
  std::string_view bar;
  for (const command_facts* command : all_of(program)) {
    if (!command->path.empty()) {
      paths += fmt::format("{}'{}'", bar, command->path);
      bar = "|";
    }
  }
  return paths;
}

std::string quoted_for_zsh(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\'') {
      safe += "'\\''";
    } else if (std::string_view("[]:\\").contains(c)) {
      safe.append("\\").append(1, c);
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string zsh_values(const option_facts& option) {
  if (!option.choices.empty()) {
    return fmt::format("({})", fmt::join(option.choices, " "));
  }
  if (option.value_name == "FILE" || option.value_name == "FOLDER") {
    return "_files";
  }
  if (const auto lister = listing_command(option); !lister.empty()) {
    return fmt::format("($({}))", lister);
  }
  return " ";
}

void append_zsh_arguments(std::string& script, const command_facts& command) {
  script += fmt::format("    '{}')\n      _arguments -s", command.path);
  for (const option_facts& option : command.options) {
    for (const std::string& name : option.names) {
      script += fmt::format(
          " \\\n        '*{}[{}]{}'", name, quoted_for_zsh(option.description),
          option.value_name.empty()
              ? ""
              : fmt::format(":{}:{}", quoted_for_zsh(option.value_name), zsh_values(option)));
    }
  }
  for (const option_facts& option : command.positionals) {
    script += fmt::format(" \\\n        '{}:{}:{}'", option.takes_many ? "*" : "",
                          quoted_for_zsh(option.value_name), zsh_values(option));
  }
  script += "\n      ;;\n";
}

void append_zsh_commands(std::string& script, const command_facts& command) {
  script += fmt::format("    '{}')\n      commands=(", command.path);
  for (const command_facts& below : command.commands) {
    script += fmt::format("\n        '{}:{}'", below.name, quoted_for_zsh(below.description));
  }
  script += ")\n      _describe command commands\n      ;;\n";
}

}  // namespace

std::string bash_completion(const command_facts& program) {
  std::string script = fmt::format(
      "# Completion of barnabas for bash; made by `barnabas completion bash`.\n"
      "_barnabas() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}\n"
      "  local path= word words=\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD - 1}}\"; do\n"
      "    case \"${{path:+$path }}$word\" in\n"
      "      {}) path=\"${{path:+$path }}$word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$path\" in\n",
      known_paths(program));
  const auto all = all_of(program);
  for (const command_facts* command : all) {
    append_bash_words(script, *command);
  }
  script += "  esac\n  case \"$path $previous\" in\n";
  for (const command_facts* command : all) {
    append_bash_values(script, *command);
  }
  return script +
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "}\n"
         "complete -o default -F _barnabas barnabas\n";
}

std::string zsh_completion(const command_facts& program) {
  std::string script = fmt::format(
      "#compdef barnabas\n"
      "# Completion of barnabas for zsh; made by `barnabas completion zsh`.\n"
      "_barnabas() {{\n"
      "  local path_ word depth=0\n"
      "  local -a commands\n"
      "  for word in ${{words[2,CURRENT-1]}}; do\n"
      "    case \"${{path_:+$path_ }}$word\" in\n"
      "      {}) path_=\"${{path_:+$path_ }}$word\"; (( depth++ )) ;;\n"
      "    esac\n"
      "  done\n"
      "  shift $depth words\n"
      "  (( CURRENT -= depth ))\n"
      "  case \"$path_\" in\n",
      known_paths(program));
  for (const command_facts* command : all_of(program)) {
    if (command->commands.empty()) {
      append_zsh_arguments(script, *command);
    } else {
      append_zsh_commands(script, *command);
    }
  }
  // Loaded by its name the file is the function; sourced it only says whose it is.
  return script +
         "  esac\n"
         "}\n"
         "if [[ $funcstack[1] == _barnabas ]]; then\n"
         "  _barnabas \"$@\"\n"
         "else\n"
         "  compdef _barnabas barnabas\n"
         "fi\n";
}

}  // namespace barnabas::app
