// Pages made of the tree of commands: text for troff, Markdown, bash and zsh.
#pragma once

#include <string>

#include "pages/command_facts.h"

namespace barnabas::app {

// The manual page of the program, or of one of its commands with all below it: troff -man.
std::string manual_page(const command_facts& program, const command_facts& command);
// docs/command-line.md.
std::string markdown_page(const command_facts& program);
std::string bash_completion(const command_facts& program);
std::string zsh_completion(const command_facts& program);

}  // namespace barnabas::app
