#include <fmt/format.h>

#include "frame/connection.h"
#include "pages/pages.h"

namespace barnabas::app {
namespace {

// Text that troff prints as it is.
std::string escaped(std::string_view text) {
  std::string safe;
  bool is_line_begin = true;
  for (const char c : text) {
    if (is_line_begin && (c == '.' || c == '\'')) {
      safe += "\\&";
    }
    switch (c) {
      case '\\':
        safe += "\\e";
        break;
      case '-':
        safe += "\\-";
        break;
      case '"':
        safe += "\\(dq";
        break;
      default:
        safe += c;
    }
    is_line_begin = c == '\n';
  }
  return safe;
}

void append_item(std::string& page, std::string_view title, std::string_view text) {
  page += fmt::format(".TP\n.B \"{}\"\n{}\n", escaped(title), escaped(text));
}

void append_option(std::string& page, const option_facts& option) {
  std::string text = option.description + ".";
  if (!option.choices.empty()) {
    text += fmt::format(" One of {}.", fmt::join(option.choices, ", "));
  }
  if (!option.default_text.empty()) {
    text += fmt::format(" Default: {}.", option.default_text);
  }
  append_item(page, synopsis_of(option), text);
}

void append_options(std::string& page, const command_facts& command) {
  for (const option_facts& option : command.options) {
    if (!option.is_of_connection) {
      append_option(page, option);
    }
  }
}

void append_footer(std::string& page, const command_facts& command) {
  if (!command.footer.empty()) {
    page += fmt::format(".PP\n{}\n", escaped(command.footer));
  }
}

const command_facts* any_with_connection(const command_facts& command) {
  if (command.talks_to_brokers()) {
    return &command;
  }
  for (const command_facts& below : command.commands) {
    if (const command_facts* found = any_with_connection(below)) {
      return found;
    }
  }
  return nullptr;
}

void append_connection(std::string& page, const command_facts& command) {
  const command_facts* example = any_with_connection(command);
  if (example == nullptr) {
    return;
  }
  page += ".SH CONNECTION OPTIONS\n";
  for (const option_facts& option : example->options) {
    if (option.is_of_connection) {
      append_option(page, option);
    }
  }
  page += ".SH ENVIRONMENT\n";
  for (const environment_variable& variable : environment_variables()) {
    append_item(page, variable.name, variable.meaning);
  }
}

void append_exit_codes(std::string& page) {
  page += ".SH EXIT STATUS\n";
  for (const exit_code_meaning& one : exit_codes()) {
    append_item(page, std::to_string(static_cast<int>(one.code)), one.meaning);
  }
}

void append_commands(std::string& page, const command_facts& command, bool is_program) {
  page += ".SH COMMANDS\n";
  for (const command_facts& below : command.commands) {
    if (is_program) {
      append_item(page, "barnabas " + below.path, below.description);
      continue;
    }
    page += fmt::format(".SS {}\n{}\n", escaped(usage_of(below)), escaped(below.description));
    append_options(page, below);
    append_footer(page, below);
  }
}

void append_see_also(std::string& page, const command_facts& program,
                     const command_facts& command) {
  page += ".SH SEE ALSO\n";
  if (&command != &program) {
    page += ".BR barnabas (1)\n";
    return;
  }
  std::string_view comma;
  for (const command_facts& below : program.commands) {
    page += fmt::format("{}.BR barnabas\\-{} (1)", comma, escaped(below.name));
    comma = ",\n";
  }
  page += '\n';
}

}  // namespace

std::string manual_page(const command_facts& program, const command_facts& command) {
  const bool is_program = &command == &program;
  const std::string title = is_program ? "barnabas" : "barnabas-" + command.name;
  std::string page = fmt::format(
      ".TH {} 1 \"\" \"Barnabas {}\" \"Barnabas\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n",
      escaped(title), BARNABAS_VERSION, escaped(title), escaped(command.description),
      escaped(usage_of(command)));
  if (command.commands.empty()) {
    page += ".SH OPTIONS\n";
    append_options(page, command);
  } else {
    append_commands(page, command, is_program);
  }
  append_footer(page, command);
  append_connection(page, command);
  append_exit_codes(page);
  append_see_also(page, program, command);
  return page;
}

}  // namespace barnabas::app
