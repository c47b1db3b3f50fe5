#include "list_settings.h"

#include <fmt/format.h>

#include "base/config_definition.h"

namespace barnabas::app {
namespace {

constexpr std::size_t columns = 96;

// Appends the text in lines of at most `columns`, each after `indent` blanks.
void append_wrapped(std::string& page, std::string_view text, std::size_t indent) {
  std::size_t column = columns;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column + 1 + word.size() > columns) {
      page += '\n';
      page.append(indent, ' ');
      column = indent;
    } else {
      page += ' ';
      ++column;
    }
    page += word;
    column += word.size();
  }
}

std::string_view update_text(config_update update) {
  switch (update) {
    case config_update::read_only:
      return "read at the start";
    case config_update::per_broker:
      return "changes while running, for each broker";
    case config_update::cluster_wide:
      return "changes while running, for each broker or all";
    case config_update::per_topic:
      return "of each topic";
    case config_update::per_group:
      return "of each group";
  }
  return {};
}

std::string facts_of(const config_definition& it) {
  std::string facts = fmt::format("{}; {}", allowed_text(it), update_text(it.update));
  if (!it.unit.empty()) {
    facts += fmt::format("; in {}", it.unit);
  }
  for (const config_fallback& other : it.fallbacks) {
    facts += fmt::format("; else {}{}", other.name,
                         other.factor == 1 ? "" : fmt::format(" times {}", other.factor));
  }
  return it.is_ignored() ? facts + fmt::format("; has no meaning here ({})", it.ignored_because)
                         : facts;
}

void append_table(std::string& page, std::string_view title,
                  std::span<const config_definition> table) {
  page += title;
  for (const config_definition& it : table) {
    page += fmt::format("\n\n  {}", it.name);
    if (it.default_value) {
      page += fmt::format(" = {}", *it.default_value);
    }
    append_wrapped(page, it.documentation, 6);
    append_wrapped(page, facts_of(it), 6);
  }
  page += "\n\n";
}

}  // namespace

std::string settings_page() {
  std::string page;
  append_table(page, "SETTINGS OF A BROKER", broker_configs());
  append_table(page, "SETTINGS OF A TOPIC", topic_configs());
  append_table(page, "SETTINGS OF A GROUP", group_configs());
  return page;
}

}  // namespace barnabas::app
