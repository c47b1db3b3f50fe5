// What commands need that look after a cluster: the admin client, and a way to tell of many things
// of which some failed.
#pragma once

#include <barnabas/admin.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "frame/command_tree.h"
#include "frame/connection.h"

namespace barnabas::app {

outcome<kafka::admin> open_admin(const connection_flags& flags);

// A command that gets an admin client. Arguments have a member `connection`.
template <class Arguments>
CLI::App& add_administration(command_tree& tree, CLI::App& parent, const std::string& name,
                             const std::string& description,
                             void (*describe)(CLI::App&, Arguments&),
                             outcome<> (*run)(kafka::admin&, const Arguments&)) {
  CLI::App& command =
      tree.add(parent, name, description, describe, [run](const Arguments& arguments) -> outcome<> {
        auto admin = open_admin(arguments.connection);
        return admin ? run(*admin, arguments) : outcome<>(std::unexpected(admin.error()));
      });
  return command;
}

// "letters-0", as Kafka writes it.
std::string partition_name(const kafka::topic_partition& partition);

// "name=value", as --set and others take it; `flag` is named when it is not that.
outcome<std::pair<std::string, std::string>> parse_assignment(std::string_view text,
                                                              std::string_view flag);

// Failures of single things are told when they come; the verdict has the first one's exit code.
class failed_parts {
 public:
  void add(const std::string& what, const kafka::error& why);
  // Whether it went well; else it is added.
  template <class T>
  bool check(const std::string& what, const kafka::result<T>& result) {
    if (!result) {
      add(what, result.error());
    }
    return result.has_value();
  }
  outcome<> verdict() const;

 private:
  std::optional<exit_code> first_;
};

// Of a call about many things: name_of(key) is what a failed one is called.
template <class Each, class NameOf>
outcome<> verdict_on(const kafka::result<Each>& all, NameOf name_of) {
  if (!all) {
    return fail_with(all.error());
  }
  failed_parts failed;
  for (const auto& [key, done] : *all) {
    failed.check(name_of(key), done);
  }
  return failed.verdict();
}

}  // namespace barnabas::app
